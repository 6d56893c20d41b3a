/**
 * A bounded history in columns, as uPlot wants it. Samples nearer than `spacingMs` replace the last
 * one, so capacity × spacing is the time span kept whatever the message rate.
 */
export class BoundedSeries {
  readonly timesS: number[] = [];
  readonly columns: (number | null)[][];
  readonly #capacity: number;
  readonly #spacingMs: number;
  #slotStartMs = Number.NEGATIVE_INFINITY;
  #version = 0;

  constructor(options: { columns: number; capacity: number; spacingMs: number }) {
    this.columns = Array.from({ length: options.columns }, () => []);
    this.#capacity = options.capacity;
    this.#spacingMs = options.spacingMs;
  }

  /** Grows with every change; a cheap key for "does this need drawing again". */
  get version(): number {
    return this.#version;
  }

  get length(): number {
    return this.timesS.length;
  }

  push(timeMs: number, values: (number | null)[]): void {
    this.#version += 1;
    const last = this.timesS.length - 1;
    if (last >= 0 && timeMs - this.#slotStartMs < this.#spacingMs) {
      for (const [index, column] of this.columns.entries()) column[last] = values[index] ?? null;
      return;
    }
    this.#slotStartMs = timeMs;
    this.timesS.push(timeMs / 1000);
    for (const [index, column] of this.columns.entries()) column.push(values[index] ?? null);
    if (this.timesS.length <= this.#capacity) return;
    this.timesS.shift();
    for (const column of this.columns) column.shift();
  }

  /** Samples from before the first one, oldest first; the oldest are left out where they do not fit. */
  prepend(samples: readonly { timeMs: number; values: (number | null)[] }[]): void {
    const firstS = this.timesS[0] ?? Number.POSITIVE_INFINITY;
    const room = this.#capacity - this.timesS.length;
    const older = samples.filter(({ timeMs }) => timeMs / 1000 < firstS);
    const fitting = older.slice(Math.max(0, older.length - room));
    if (fitting.length === 0) return;
    this.#version += 1;
    this.timesS.unshift(...fitting.map(({ timeMs }) => timeMs / 1000));
    for (const [index, column] of this.columns.entries()) {
      column.unshift(...fitting.map(({ values }) => values[index] ?? null));
    }
  }
}
