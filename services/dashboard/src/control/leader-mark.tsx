import { useStore } from '../connection/store.ts';
import type { Leader } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { formatAge, formatTime } from '../display/format.ts';

/** Who may send orders, by which token, since when, and who would take over. */
export function LeaderMark() {
  const { leader, leaderProblem } = useStore(useDesk().control);
  const id = leader?.leader_id ?? null;
  const state = leaderProblem !== null || id === null ? 'warning' : 'up';
  return (
    <div className="fact header-leader" title={leaderProblem ?? undefined}>
      <span className="fact-label">Order emitter</span>
      <span className="fact-value">
        <span className={`dot tone-${state}`} aria-hidden="true" />
        <span className="fact-name">{id ?? (leader ? 'no leader' : 'unknown')}</span>
        {leader && (id === null ? <LastWord leader={leader} /> : <Reign leader={leader} />)}
      </span>
    </div>
  );
}

function Reign({ leader }: { leader: Leader }) {
  const { token, since, standbys } = leader;
  return (
    <>
      {token && <span className="muted">token {token}</span>}
      {since && (
        <span className="muted figure" title={since}>
          since {formatTime(since)}
        </span>
      )}
      {standbys.length > 0 && (
        <span className="muted" title={standbys.join(', ')}>
          {standbys.length} standing by
        </span>
      )}
    </>
  );
}

/** Nobody leads: no order is sent until somebody does. */
function LastWord({ leader }: { leader: Leader }) {
  const { instance_id: last, silent_ms: silentMs } = leader;
  if (last === null) return null;
  const age = silentMs === null ? '' : ` ${formatAge(silentMs)} ago`;
  return (
    <span className="muted figure">
      last word of {last}
      {age}
    </span>
  );
}
