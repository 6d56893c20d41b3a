import { useState } from 'react';
import { useStore } from '../connection/store.ts';
import type { Alert, Severity } from '../contract.ts';
import { useDesk } from '../desk.ts';
import type { Tone } from '../display/figure.tsx';
import { formatName, formatTime } from '../display/format.ts';
import { Empty, Panel } from '../display/panel.tsx';
import { Segmented } from '../display/segmented.tsx';

const TONES: Record<Severity, Tone> = { info: 'accent', warning: 'warning', critical: 'critical' };
const MARKS: Record<Severity, string> = { info: 'i', warning: '!', critical: '✕' };

export function AlertsPanel() {
  const { alerts } = useStore(useDesk().alerts);
  const [filter, setFilter] = useState<'all' | 'critical'>('all');
  const shown = filter === 'all' ? alerts : alerts.filter((each) => each.severity === 'critical');
  return (
    <Panel
      title="Alerts"
      area="alerts"
      stream="alerts"
      aside={
        <Segmented
          label="Alerts shown"
          value={filter}
          options={[
            { value: 'all', label: `All ${alerts.length}` },
            { value: 'critical', label: 'Critical' },
          ]}
          onChange={setFilter}
        />
      }
    >
      {shown.length === 0 ? (
        <Empty>{filter === 'all' ? 'No alerts.' : 'No critical alerts.'}</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard.
        <ul className="alerts" tabIndex={0} aria-label="Alerts, newest first">
          {shown.map((alert) => (
            <AlertRow key={alert.alert_id} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  return (
    <li className={`alert alert-${alert.severity}${alert.resolved ? ' resolved' : ''}`}>
      <span className={`alert-mark tone-${TONES[alert.severity]}`}>
        <span aria-hidden="true">{MARKS[alert.severity]}</span>
        <span className="visually-hidden">{alert.severity}</span>
      </span>
      <span className="alert-text">
        {alert.message}
        <span className="row-note">
          <span className="figure" title={alert.timestamp}>
            {formatTime(alert.timestamp)}
          </span>
          {alert.resolved && ' · resolved'}
          {alert.category && ` · ${formatName(alert.category)}`}
          {alert.actions.length > 0 && ` · ${alert.actions.map(formatName).join(', ')}`}
        </span>
      </span>
    </li>
  );
}

/** New critical alerts interrupt: read out at once, seen over the page, gone when dismissed. */
export function CriticalAlert() {
  const { alerts } = useDesk();
  const announced = useStore(alerts, (state) => state.announced);
  return (
    <div className="toast-place" role="alert">
      {announced && (
        <div className="toast">
          <span className="alert-mark" aria-hidden="true">
            ✕
          </span>
          <span className="alert-text">
            <strong>Critical</strong> {announced.message}
          </span>
          <button type="button" className="button small" onClick={alerts.dismiss}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
