import { useSyncExternalStore } from 'react';

/**
 * State outside React, written by the streams as fast as they come and published at most once per
 * animation frame: a burst of messages costs one rendering.
 */
export interface Store<State> {
  /** What the screen shows. */
  published(): State;
  update(change: (state: State) => State): void;
  subscribe(listener: () => void): () => void;
}

const dirty = new Set<() => void>();

function publishSoon(publish: () => void): void {
  const first = dirty.size === 0;
  dirty.add(publish);
  if (!first) return;
  requestAnimationFrame(() => {
    const due = [...dirty];
    dirty.clear();
    for (const each of due) each();
  });
}

export function createStore<State>(initial: State): Store<State> {
  let current = initial;
  let shown = initial;
  const listeners = new Set<() => void>();
  const publish = () => {
    if (shown === current) return;
    shown = current;
    for (const listener of listeners) listener();
  };
  return {
    published: () => shown,
    update(change) {
      current = change(current);
      if (current !== shown) publishSoon(publish);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<State, Part = State>(
  store: Store<State>,
  select: (state: State) => Part = (state) => state as unknown as Part,
): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.published()));
}
