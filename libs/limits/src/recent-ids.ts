/** The newest ids of a kind; the oldest is forgotten when one more comes. */
export class RecentIds {
  readonly #ids = new Set<string>();
  readonly #idsMax: number;

  constructor(idsMax: number) {
    this.#idsMax = idsMax;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The id that had to be forgotten for it, if any. */
  add(id: string): string | undefined {
    if (this.#ids.has(id)) return undefined;
    this.#ids.add(id);
    if (this.#ids.size <= this.#idsMax) return undefined;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
    return oldest;
  }
}
