import type { Alert } from '@cerberus/schema';
import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { alertDocument } from '../document/control-document.ts';
import { isAtLeast, newestAlerts, SEVERITIES } from '../route/alert-routes.ts';
import type { RouteContext } from '../route/route-context.ts';

const SELECTION = Type.Object({
  severity: Type.Optional(Type.Enum([...SEVERITIES], { description: 'least severity' })),
  categories: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 64 }),
  ),
});
type Selection = Static<typeof SELECTION>;

const SNAPSHOT_MAX = 200;

/** Every change of every alert; the snapshot holds those not resolved. */
export function alertStream({ model }: RouteContext): StreamSource<Selection> {
  const { alert: table } = model.tables;
  return {
    name: 'alerts',
    delivery: 'every',
    selection: SELECTION,
    channelKey: ({ severity, categories }) =>
      `${severity ?? '*'} ${[...(categories ?? ['*'])].sort().join(' ')}`,
    open: ({ severity, categories }, publish) => {
      const isChosen = (alert: Alert) =>
        isAtLeast(alert.severity, severity) &&
        (categories === undefined || categories.includes(alert.category));
      const stop = table.onChange((_key, alert) => {
        if (alert === undefined || !isChosen(alert)) return;
        const document = alertDocument(alert);
        const { severity: level, message, actions } = document;
        publish({ type: 'alert', data: document, members: { severity: level, message, actions } });
      });
      return {
        snapshot: () => ({
          alerts: newestAlerts(table.values())
            .filter((alert) => alert.state !== 'RESOLVED' && isChosen(alert))
            .slice(0, SNAPSHOT_MAX)
            .map(alertDocument),
        }),
        drain: () => [],
        close: stop,
      };
    },
  };
}
