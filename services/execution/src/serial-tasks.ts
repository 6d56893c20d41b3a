/**
 * Runs the tasks of one key one after another, those of different keys side by side: an order's
 * cancel waits for its placement, but not for anybody else's.
 */
export class SerialTasks {
  readonly #tails = new Map<string, Promise<void>>();

  run(key: string, task: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(key);
    const done = before === undefined ? task() : before.then(task);
    // The chain goes on after a failure; whoever asked for the task sees it.
    const tail = done
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
    return done;
  }

  get size(): number {
    return this.#tails.size;
  }

  /** Resolves when everything begun before is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
