import { createStore } from '../connection/store.ts';
import { type Book, marketOf, type Quote, type StreamMessage } from '../contract.ts';
import { BoundedSeries } from '../display/bounded-series.ts';
import { numberOf } from '../display/format.ts';

export type Direction = 'up' | 'down' | 'flat';

export interface QuoteRow {
  key: string;
  quote: Quote;
  direction: Direction;
  /** Grows with each change of mid; keys the flash of the cell. */
  ticks: number;
  openMid: number | null;
  mid: number | null;
  history: BoundedSeries;
  historyVersion: number;
}

export interface MarketState {
  rows: QuoteRow[];
  books: Record<string, Book>;
}

/** Ten minutes at one sample per second; columns are bid, ask, mid. */
const HISTORY_CAPACITY = 600;
const HISTORY_SPACING_MS = 1000;
/** More instruments than this are a desk's whole universe, not a watch list; the rest is not shown. */
const MAX_ROWS = 200;

export function createMarketStore() {
  const store = createStore<MarketState>({ rows: [], books: {} });
  return {
    ...store,
    receive(message: StreamMessage, nowMs: number) {
      const { quotes, books } = marketOf(message.data);
      store.update((state) => ({
        rows: merge(state.rows, quotes, nowMs),
        books: message.type === 'snapshot' ? books : { ...state.books, ...books },
      }));
    },
  };
}

function merge(rows: QuoteRow[], quotes: Quote[], nowMs: number): QuoteRow[] {
  if (quotes.length === 0) return rows;
  const changed = new Map(quotes.map((quote) => [`${quote.symbol}@${quote.venue}`, quote]));
  const next = rows.map((row) => {
    const quote = changed.get(row.key);
    changed.delete(row.key);
    return quote ? advance(row, quote, nowMs) : row;
  });
  for (const [key, quote] of changed) {
    if (next.length < MAX_ROWS) next.push(advance(firstRow(key, quote), quote, nowMs));
  }
  return changed.size === 0 ? next : next.sort((a, b) => a.key.localeCompare(b.key));
}

function firstRow(key: string, quote: Quote): QuoteRow {
  const history = new BoundedSeries({
    columns: 3,
    capacity: HISTORY_CAPACITY,
    spacingMs: HISTORY_SPACING_MS,
  });
  const mid = numberOf(quote.mid);
  return { key, quote, direction: 'flat', ticks: 0, openMid: mid, mid, history, historyVersion: 0 };
}

function advance(row: QuoteRow, quote: Quote, nowMs: number): QuoteRow {
  const mid = numberOf(quote.mid);
  row.history.push(nowMs, [numberOf(quote.bid_price), numberOf(quote.ask_price), mid]);
  const moved = mid !== null && row.mid !== null && mid !== row.mid;
  return {
    ...row,
    quote,
    mid: mid ?? row.mid,
    openMid: row.openMid ?? mid,
    direction: moved ? (mid > (row.mid ?? mid) ? 'up' : 'down') : row.direction,
    ticks: moved ? row.ticks + 1 : row.ticks,
    historyVersion: row.history.version,
  };
}
