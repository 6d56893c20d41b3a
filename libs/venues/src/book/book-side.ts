import { invariant } from '@cerberus/core';

const INITIAL_LEVELS = 1024;
/** Deeper than any venue publishes; a side that grows past it is a parsing or sync defect. */
const LEVELS_MAX = 1 << 20;

/**
 * One side of a book as two parallel arrays sorted with the best price LAST: almost every change is
 * near the best price, so an insertion moves few levels. `sign` is +1 for bids and −1 for asks.
 */
export class BookSide {
  readonly #sign: 1 | -1;
  #ticks = new Float64Array(INITIAL_LEVELS);
  #units = new Float64Array(INITIAL_LEVELS);
  #size = 0;

  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1;
  }

  get size(): number {
    return this.#size;
  }

  /** Ticks at `depth` levels from the best (0 = best); undefined beyond the last level. */
  ticksAt(depth: number): number | undefined {
    return depth < this.#size ? this.#ticks[this.#size - 1 - depth] : undefined;
  }

  unitsAt(depth: number): number | undefined {
    return depth < this.#size ? this.#units[this.#size - 1 - depth] : undefined;
  }

  /** Lots resting at exactly this price; 0 where there is no level. */
  unitsAtPrice(ticks: number): number {
    const index = this.#find(ticks);
    return index < this.#size && this.#ticks[index] === ticks ? (this.#units[index] as number) : 0;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Sets the quantity of a level; 0 removes it. Removing an absent level is legal at every venue. */
  set(ticks: number, units: number): void {
    const index = this.#find(ticks);
    const present = index < this.#size && this.#ticks[index] === ticks;
    if (present) {
      if (units === 0) this.#remove(index);
      else this.#units[index] = units;
    } else if (units !== 0) this.#insert(index, ticks, units);
  }

  /** Levels from the best outwards as [ticks, units, ticks, units, …]. */
  top(levels: number): number[] {
    const count = Math.min(levels, this.#size);
    const out: number[] = new Array(count * 2);
    for (let i = 0; i < count; i += 1) {
      out[2 * i] = this.#ticks[this.#size - 1 - i] as number;
      out[2 * i + 1] = this.#units[this.#size - 1 - i] as number;
    }
    return out;
  }

  /** First index whose price is at least as good as `ticks`. */
  #find(ticks: number): number {
    const array = this.#ticks;
    let low = 0;
    let high = this.#size;
    const key = ticks * this.#sign;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((array[middle] as number) * this.#sign < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(index: number, ticks: number, units: number): void {
    if (this.#size === this.#ticks.length) this.#grow();
    this.#ticks.copyWithin(index + 1, index, this.#size);
    this.#units.copyWithin(index + 1, index, this.#size);
    this.#ticks[index] = ticks;
    this.#units[index] = units;
    this.#size += 1;
  }

  #remove(index: number): void {
    this.#ticks.copyWithin(index, index + 1, this.#size);
    this.#units.copyWithin(index, index + 1, this.#size);
    this.#size -= 1;
  }

  #grow(): void {
    invariant(this.#ticks.length < LEVELS_MAX, 'a book side stays below 2^20 levels');
    const ticks = new Float64Array(this.#ticks.length * 2);
    const units = new Float64Array(this.#units.length * 2);
    ticks.set(this.#ticks);
    units.set(this.#units);
    this.#ticks = ticks;
    this.#units = units;
  }
}
