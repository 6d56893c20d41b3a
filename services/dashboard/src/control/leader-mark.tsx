import { useStore } from '../connection/store.ts';
import { useDesk } from '../desk.ts';
import { formatTime } from '../display/format.ts';

/** Who may send orders, by which token, since when. */
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
        {leader?.token && <span className="muted">token {leader.token}</span>}
        {leader?.since && (
          <span className="muted figure" title={leader.since}>
            since {formatTime(leader.since)}
          </span>
        )}
      </span>
    </div>
  );
}
