import type { StreamName } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { useStore } from './store.ts';

/** Says on the panel itself that its numbers are not live, and why. */
export function StreamMark({ stream }: { stream: StreamName }) {
  const status = useStore(useDesk().statuses, (all) => all[stream]);
  const state = status?.state ?? 'connecting';
  if (state === 'live') return null;
  return (
    <span className="stream-mark tone-warning" title={status?.detail}>
      {state === 'healing' ? 'healing a gap' : state}
    </span>
  );
}
