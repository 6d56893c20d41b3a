import type { InstrumentGrid } from '../grid.ts';
import { BookSide } from './book-side.ts';

/** Levels as [ticks, units, ticks, units, …]; 0 units deletes. */
export type FlatLevels = readonly number[];

export interface BookLevel {
  readonly ticks: number;
  readonly units: number;
}

/** An L2 book in whole ticks and units of one instrument. It knows nothing of sequence numbers. */
export class OrderBook {
  readonly grid: InstrumentGrid;
  readonly bids = new BookSide('bid');
  readonly asks = new BookSide('ask');

  constructor(grid: InstrumentGrid) {
    this.grid = grid;
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  replace(bids: FlatLevels, asks: FlatLevels): void {
    this.clear();
    this.apply(bids, asks);
  }

  apply(bids: FlatLevels, asks: FlatLevels): void {
    setLevels(this.bids, bids);
    setLevels(this.asks, asks);
  }

  get bestBid(): BookLevel | undefined {
    return levelAt(this.bids, 0);
  }

  get bestAsk(): BookLevel | undefined {
    return levelAt(this.asks, 0);
  }

  /** True where the best bid reaches the best ask: no venue publishes such a book on purpose. */
  get crossed(): boolean {
    const bid = this.bids.ticksAt(0);
    const ask = this.asks.ticksAt(0);
    return bid !== undefined && ask !== undefined && bid >= ask;
  }

  top(levels: number): { readonly bids: number[]; readonly asks: number[] } {
    return { bids: this.bids.top(levels), asks: this.asks.top(levels) };
  }
}

function levelAt(side: BookSide, depth: number): BookLevel | undefined {
  const ticks = side.ticksAt(depth);
  const units = side.unitsAt(depth);
  return ticks === undefined || units === undefined ? undefined : { ticks, units };
}

function setLevels(side: BookSide, levels: FlatLevels): void {
  for (let i = 0; i + 1 < levels.length; i += 2) {
    side.set(levels[i] as number, levels[i + 1] as number);
  }
}
