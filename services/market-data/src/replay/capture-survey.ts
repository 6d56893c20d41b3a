import { type EpochUs, epochUs, fail, faultOf, ok, type Result } from '@cerberus/core';
import { type BinanceMarket, CaptureReader, VENUE_ERRORS } from '@cerberus/venues';
import { decimalsOf, isObject, levelsOf, symbolOfFrame } from './frame-shape.ts';

/** What a capture shows of one symbol. */
export interface SurveyedSymbol {
  readonly symbol: string;
  /** Significant decimals of the finest price. */
  readonly priceDecimals: number;
  /** Of the finest quantity of a level, a quote or a trade. */
  readonly quantityDecimals: number;
  /** Of the finest traded quantity, which is a multiple of the lot where a level's may not be. */
  readonly tradeDecimals: number | undefined;
  /** First bid or trade seen. */
  readonly firstPrice: number | undefined;
}

/** What the first pass over a capture finds; the second one plays it. */
export interface CaptureSurvey {
  readonly file: string;
  readonly market: BinanceMarket;
  readonly symbols: readonly SurveyedSymbol[];
  readonly lines: number;
  readonly firstTimeUs: EpochUs;
  readonly lastTimeUs: EpochUs;
  /** Book snapshots; without one no book can be built. */
  readonly snapshots: number;
}

interface SymbolNotes {
  priceDecimals: number;
  quantityDecimals: number;
  tradeDecimals: number | undefined;
  firstPrice: number | undefined;
}

/** A capture holds the frames of one connection, so of some hundred symbols at most. */
const SYMBOLS_MAX = 1000;

/** Reads a capture once: which market, which symbols, and how finely each is priced. */
export async function surveyCapture(file: string): Promise<Result<CaptureSurvey>> {
  const reader = new CaptureReader(file);
  const notes = new CaptureNotes();
  for await (const line of reader) notes.line(line.localTimeNs, line.text);
  const { lines, badLines, truncatedTail, streamError } = reader.end;
  const refuse = (message: string) =>
    fail(faultOf(VENUE_ERRORS.CAPTURE_UNREADABLE, { path: file, message }));
  const { first, last } = notes;
  if (first === undefined || last === undefined) {
    if (streamError !== undefined) return refuse(`cannot be read: ${streamError}`);
    if (lines > 0) {
      return refuse(
        `is not a capture: none of its ${badLines} lines reads "<local time in ns> <JSON as received>"`,
      );
    }
    return refuse(truncatedTail ? 'holds no complete line' : 'is empty');
  }
  const market = notes.market();
  if (market === undefined) {
    return refuse('holds frames of several markets; record each market into a file of its own');
  }
  const symbols = notes.symbols();
  if (symbols.length === 0) {
    return refuse(
      `holds no market data of Binance: none of its ${lines} lines has quotes, trades or depth`,
    );
  }
  return ok({
    ...{ file, market, symbols, lines, snapshots: notes.snapshots },
    firstTimeUs: microseconds(first),
    lastTimeUs: microseconds(last),
  });
}

export function microseconds(timeNs: bigint): EpochUs {
  return epochUs(Number(timeNs / 1000n));
}

class CaptureNotes {
  first: bigint | undefined;
  last: bigint | undefined;
  snapshots = 0;
  readonly #symbols = new Map<string, SymbolNotes>();
  /** What frames without a symbol show: REST snapshots of a file with one symbol. */
  readonly #nameless = emptyNotes();
  readonly #votes: Record<BinanceMarket, number> = { spot: 0, usdm: 0, coinm: 0 };

  line(timeNs: bigint, text: string): void {
    this.first ??= timeNs;
    if (this.last === undefined || timeNs > this.last) this.last = timeNs;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // Counted as refused when the tape plays.
      return;
    }
    for (const item of Array.isArray(json) ? json : [json]) this.#frame(item);
  }

  /** Undefined where frames of futures and of spot are mixed. */
  market(): BinanceMarket | undefined {
    const seen = (['coinm', 'usdm', 'spot'] as const).filter((market) => this.#votes[market] > 0);
    return seen.length > 1 ? undefined : (seen[0] ?? 'spot');
  }

  symbols(): SurveyedSymbol[] {
    const only = this.#symbols.size === 1;
    return [...this.#symbols].map(([symbol, notes]) => {
      if (only) mergeNotes(notes, this.#nameless);
      return { symbol, ...notes };
    });
  }

  #frame(value: unknown): void {
    if (!isObject(value)) return;
    const frame = isObject(value['data']) ? value['data'] : value;
    if (frame['lastUpdateId'] !== undefined) {
      this.#snapshot(frame);
      return;
    }
    const symbol = symbolOfFrame(frame);
    if (symbol === undefined) return;
    const market = marketOf(frame);
    if (market === undefined) return;
    this.#votes[market] += 1;
    const notes = this.#notesOf(symbol);
    if (notes === undefined) return;
    if (frame['e'] === 'depthUpdate') {
      noteLevels(notes, frame['b'], false);
      noteLevels(notes, frame['a'], false);
    } else if (frame['e'] === 'trade') {
      notePrice(notes, frame['p'], true);
      const decimals = decimalsOf(frame['q']);
      notes.tradeDecimals = Math.max(notes.tradeDecimals ?? 0, decimals);
      notes.quantityDecimals = Math.max(notes.quantityDecimals, decimals);
    } else {
      notePrice(notes, frame['b'], true);
      notePrice(notes, frame['a'], false);
      noteQuantity(notes, frame['B']);
      noteQuantity(notes, frame['A']);
    }
  }

  #snapshot(frame: Readonly<Record<string, unknown>>): void {
    this.snapshots += 1;
    const symbol = frame['symbol'];
    const notes = typeof symbol === 'string' ? this.#notesOf(symbol) : this.#nameless;
    if (notes === undefined) return;
    noteLevels(notes, frame['bids'], true);
    noteLevels(notes, frame['asks'], false);
  }

  #notesOf(symbol: string): SymbolNotes | undefined {
    let notes = this.#symbols.get(symbol);
    if (notes === undefined && this.#symbols.size < SYMBOLS_MAX) {
      notes = emptyNotes();
      this.#symbols.set(symbol, notes);
    }
    return notes;
  }
}

/** Coin-M frames name their pair; those of USD-M link updates or carry what spot frames do not. */
function marketOf(frame: Readonly<Record<string, unknown>>): BinanceMarket | undefined {
  switch (frame['e']) {
    case 'depthUpdate':
      if (frame['ps'] !== undefined) return 'coinm';
      return frame['pu'] === undefined ? 'spot' : 'usdm';
    case 'bookTicker':
      return frame['ps'] === undefined ? 'usdm' : 'coinm';
    case undefined:
      return frame['B'] === undefined ? undefined : 'spot';
    case 'trade':
      if (/^[A-Z0-9]+USD_/.test(String(frame['s']))) return 'coinm';
      // Spot trades carry an obsolete flag `M` that futures never had.
      return frame['M'] === undefined ? 'usdm' : 'spot';
    default:
      return undefined;
  }
}

function emptyNotes(): SymbolNotes {
  return {
    priceDecimals: 0,
    quantityDecimals: 0,
    tradeDecimals: undefined,
    firstPrice: undefined,
  };
}

function mergeNotes(into: SymbolNotes, from: SymbolNotes): void {
  into.priceDecimals = Math.max(into.priceDecimals, from.priceDecimals);
  into.quantityDecimals = Math.max(into.quantityDecimals, from.quantityDecimals);
  into.firstPrice ??= from.firstPrice;
}

function notePrice(notes: SymbolNotes, text: unknown, isPrice: boolean): void {
  notes.priceDecimals = Math.max(notes.priceDecimals, decimalsOf(text));
  if (!isPrice || notes.firstPrice !== undefined) return;
  const price = Number(text);
  if (price > 0 && Number.isFinite(price)) notes.firstPrice = price;
}

function noteQuantity(notes: SymbolNotes, text: unknown): void {
  notes.quantityDecimals = Math.max(notes.quantityDecimals, decimalsOf(text));
}

function noteLevels(notes: SymbolNotes, levels: unknown, isBest: boolean): void {
  let isFirst = isBest;
  for (const [price, quantity] of levelsOf(levels)) {
    notePrice(notes, price, isFirst);
    noteQuantity(notes, quantity);
    isFirst = false;
  }
}
