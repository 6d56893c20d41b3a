/** What a handler sees of its state: a map whose changes are recorded to the changelog. */
export interface StateStore<S> {
  readonly size: number;
  get(key: string): S | undefined;
  has(key: string): boolean;
  /** Values are owned by the store: put a new value, never change one in place. */
  put(key: string, value: S): void;
  delete(key: string): void;
  /** In order of insertion, which is the same after every restore only for keys never deleted. */
  entries(): IterableIterator<[string, S]>;
}

interface Change<S> {
  readonly key: string;
  readonly before: S | undefined;
}

/** State of one task; changes of a record can be undone, those of a batch are collected. */
export class TaskState<S> implements StateStore<S> {
  readonly #values: Map<string, S>;
  #dirty = new Set<string>();
  #undo: Change<S>[] = [];

  constructor(values: Map<string, S>) {
    this.#values = values;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): S | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  put(key: string, value: S): void {
    this.#undo.push({ key, before: this.#values.get(key) });
    this.#values.set(key, value);
  }

  delete(key: string): void {
    const before = this.#values.get(key);
    if (before === undefined) return;
    this.#undo.push({ key, before });
    this.#values.delete(key);
  }

  entries(): IterableIterator<[string, S]> {
    return this.#values.entries();
  }

  /** The changes since the last call belong to a record that was handled. */
  accept(): void {
    for (const { key } of this.#undo) this.#dirty.add(key);
    this.#undo = [];
  }

  /** Takes back the changes since the last `accept`; true where there were any. */
  undo(): boolean {
    const changes = this.#undo;
    this.#undo = [];
    for (const { key, before } of changes.reverse()) {
      if (before === undefined) this.#values.delete(key);
      else this.#values.set(key, before);
    }
    return changes.length > 0;
  }

  get changed(): boolean {
    return this.#dirty.size > 0;
  }

  /** Keys changed by accepted records since the last call, with their newest value. */
  takeChanges(): [string, S | undefined][] {
    const changes = [...this.#dirty].map((key): [string, S | undefined] => [
      key,
      this.#values.get(key),
    ]);
    this.#dirty = new Set();
    return changes;
  }
}
