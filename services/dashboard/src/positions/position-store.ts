import { createStore } from '../connection/store.ts';
import {
  greeksOf,
  type PositionGreeks,
  type PositionTerms,
  type StreamMessage,
} from '../contract.ts';

export interface PositionState {
  positions: PositionGreeks[];
  /** Option terms by position id, from GET /positions. */
  terms: Record<string, PositionTerms>;
}

export function createPositionStore() {
  const store = createStore<PositionState>({ positions: [], terms: {} });
  return {
    ...store,
    receive(message: StreamMessage) {
      const incoming = greeksOf(message.data);
      store.update((state) => ({ ...state, positions: merge(state.positions, incoming, message) }));
    },
    setTerms(list: PositionTerms[]) {
      const terms = Object.fromEntries(list.map((each) => [each.position_id, each]));
      store.update((state) => ({ ...state, terms }));
    },
  };
}

/** A snapshot is the whole book; an update replaces the positions it names. */
function merge(
  known: PositionGreeks[],
  incoming: PositionGreeks[],
  message: StreamMessage,
): PositionGreeks[] {
  if (message.type === 'snapshot') return incoming;
  const changed = new Map(incoming.map((position) => [position.position_id, position]));
  const next = known.map((position) => {
    const newer = changed.get(position.position_id);
    changed.delete(position.position_id);
    return newer ?? position;
  });
  return [...next, ...changed.values()].filter(
    (position) => position.quantity === null || Number(position.quantity) !== 0,
  );
}
