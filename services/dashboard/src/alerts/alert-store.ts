import { createStore } from '../connection/store.ts';
import { type Alert, alertsOf, type StreamMessage } from '../contract.ts';

export interface AlertState {
  /** Newest first. */
  alerts: Alert[];
  /** The last critical alert that arrived while this page was open, until it is dismissed. */
  announced: Alert | null;
}

const MAX_ALERTS = 200;

export function createAlertStore() {
  const store = createStore<AlertState>({ alerts: [], announced: null });
  return {
    ...store,
    receive(message: StreamMessage) {
      const incoming = alertsOf(message);
      const critical =
        message.type === 'alert'
          ? incoming.find((alert) => alert.severity === 'critical' && !alert.resolved)
          : null;
      store.update((state) => ({
        alerts: merge(state.alerts, incoming),
        announced: critical ?? state.announced,
      }));
    },
    dismiss() {
      store.update((state) => ({ ...state, announced: null }));
    },
  };
}

function merge(known: Alert[], incoming: Alert[]): Alert[] {
  const byId = new Map(known.map((alert) => [alert.alert_id, alert]));
  for (const alert of incoming) byId.set(alert.alert_id, alert);
  return [...byId.values()]
    .sort((a, b) => b.timestamp.localeCompare(a.timestamp))
    .slice(0, MAX_ALERTS);
}
