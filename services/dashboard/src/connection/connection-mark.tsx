import { STREAM_NAMES } from '../contract.ts';
import { type StreamStatuses, useDesk } from '../desk.ts';
import { useStore } from './store.ts';

function summaryOf(statuses: StreamStatuses): { tone: string; text: string } {
  const states = STREAM_NAMES.map((name) => statuses[name]?.state ?? 'connecting');
  const live = states.filter((state) => state === 'live').length;
  if (states.includes('refused')) return { tone: 'critical', text: 'Refused' };
  if (states.includes('healing')) return { tone: 'warning', text: 'Healing gap' };
  if (live === states.length) return { tone: 'up', text: 'Live' };
  if (live === 0 && states.includes('reconnecting')) return { tone: 'critical', text: 'Offline' };
  return { tone: 'warning', text: `${live} of ${states.length} live` };
}

/** The state of all streams in a word; the list behind it tells each one's. */
export function ConnectionMark() {
  const statuses = useStore(useDesk().statuses);
  const { tone, text } = summaryOf(statuses);
  const gaps = STREAM_NAMES.reduce((sum, name) => sum + (statuses[name]?.gaps ?? 0), 0);
  return (
    <details className="connection">
      <summary>
        <span className={`dot tone-${tone}`} aria-hidden="true" />
        <span role="status" data-testid="connection">
          {text}
        </span>
        {gaps > 0 && (
          <span className="muted">
            {gaps} gap{gaps === 1 ? '' : 's'} healed
          </span>
        )}
      </summary>
      <table className="popover">
        <caption className="visually-hidden">Streams</caption>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">State</th>
            <th scope="col" className="align-end">
              Seq
            </th>
            <th scope="col" className="align-end">
              Gaps
            </th>
          </tr>
        </thead>
        <tbody>
          {STREAM_NAMES.map((name) => {
            const status = statuses[name];
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td title={status?.detail}>
                  {status?.state ?? 'connecting'}
                  {status?.detail ? <span className="row-note">{status.detail}</span> : null}
                </td>
                <td className="align-end figure">{status?.lastSeq ?? '—'}</td>
                <td className="align-end figure">{status?.gaps ?? 0}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}
