import type { GridLookup, InstrumentGrid } from '../grid.ts';
import { DepthScanner } from './depth-scanner.ts';
import {
  type BarEvent,
  type BinanceMarket,
  type DepthEvent,
  type FrameEvent,
  type IgnoreRule,
  type MarkEvent,
  type QuoteEvent,
  refused,
  type SnapshotEvent,
  type TradeEvent,
} from './frame-events.ts';
import {
  booleanField,
  countField,
  decimalField,
  FieldRefusal,
  integerField,
  isObject,
  type JsonObject,
  levelsField,
  objectField,
  optionalDecimal,
  optionalInteger,
  textField,
} from './frame-fields.ts';

/** Types that the venue documents and the platform has no use for. All others are refused. */
const IGNORED_TYPES: ReadonlyMap<string, IgnoreRule> = new Map([
  ['24hrTicker', 'ticker_statistics'],
  ['24hrMiniTicker', 'ticker_statistics'],
  ['1hTicker', 'ticker_statistics'],
  ['4hTicker', 'ticker_statistics'],
  ['1dTicker', 'ticker_statistics'],
  ['avgPrice', 'ticker_statistics'],
  ['forceOrder', 'liquidation'],
  ['referencePrice', 'composite_or_reference'],
  ['blockTrade', 'composite_or_reference'],
  ['compositeIndex', 'composite_or_reference'],
  ['assetIndexUpdate', 'composite_or_reference'],
  ['contractInfo', 'composite_or_reference'],
  ['continuous_kline', 'composite_or_reference'],
  ['indexPriceUpdate', 'composite_or_reference'],
  ['indexPrice_kline', 'composite_or_reference'],
  ['markPrice_kline', 'composite_or_reference'],
]);

/** Array streams carry one element per symbol of the venue: some thousands at most. */
const BATCH_MAX = 10_000;

export interface FrameParserOptions {
  readonly market: BinanceMarket;
  readonly gridOf: GridLookup;
  /** What a frame for a symbol without a grid is: `refuse` on our own streams, `ignore` on shared ones. */
  readonly unknownSymbol?: 'refuse' | 'ignore';
  /** False sends depth updates through `JSON.parse` as well; for comparison only. */
  readonly scanDepth?: boolean;
}

/**
 * Text of one market data frame → typed event. Nothing throws: what cannot be used comes back as
 * `refused` with a closed code, what is not wanted as `ignored` with its rule.
 */
export class FrameParser {
  readonly market: BinanceMarket;
  readonly #gridOf: GridLookup;
  readonly #unknownSymbol: 'refuse' | 'ignore';
  readonly #scanner: DepthScanner | undefined;

  constructor(options: FrameParserOptions) {
    this.market = options.market;
    this.#gridOf = options.gridOf;
    this.#unknownSymbol = options.unknownSymbol ?? 'refuse';
    this.#scanner = options.scanDepth === false ? undefined : new DepthScanner(options.gridOf);
  }

  /** `symbol` names the book of frames that carry none: REST depth answers. */
  parse(text: string, symbol?: string): FrameEvent {
    const scanned = this.#scanner?.scan(text);
    if (scanned !== undefined) return scanned;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      return refused('malformed_json', error instanceof Error ? error.message : 'unparsable');
    }
    return this.#value(json, symbol);
  }

  #value(json: unknown, symbol: string | undefined): FrameEvent {
    if (Array.isArray(json)) return this.#batch(json, symbol);
    if (!isObject(json)) return refused('not_an_object', typeof json);
    const stream = json['stream'];
    if (typeof stream === 'string' && json['data'] !== undefined) {
      return this.#value(json['data'], symbol ?? symbolOfStream(stream));
    }
    try {
      return this.#object(json, symbol);
    } catch (error) {
      if (error instanceof FieldRefusal) return error.refusal;
      throw error;
    }
  }

  #batch(items: readonly unknown[], symbol: string | undefined): FrameEvent {
    if (items.length > BATCH_MAX) return refused('out_of_range', `${items.length} elements`);
    return { kind: 'batch', events: items.map((item) => this.#element(item, symbol)) };
  }

  /** An element of an array frame; arrays are never nested, so a deep one cannot recurse here. */
  #element(item: unknown, symbol: string | undefined): FrameEvent {
    return Array.isArray(item) ? refused('not_an_object', 'array') : this.#value(item, symbol);
  }

  #object(frame: JsonObject, symbol: string | undefined): FrameEvent {
    const type = frame['e'];
    if (type === undefined) return this.#untyped(frame, symbol);
    switch (type) {
      case 'depthUpdate':
        return this.#withGrid(frame, depthEvent);
      case 'bookTicker':
        return this.#withGrid(frame, quoteEvent);
      case 'trade':
        return this.#withGrid(frame, tradeEvent);
      case 'aggTrade':
        return this.#withGrid(frame, aggregateTradeEvent);
      case 'kline':
        return barEvent(frame);
      case 'markPriceUpdate':
        return markEvent(frame);
      case 'serverShutdown':
        return { kind: 'shutdown' };
      case 'error':
        return venueError(frame, null);
      default: {
        const rule = typeof type === 'string' ? IGNORED_TYPES.get(type) : undefined;
        if (rule !== undefined) return { kind: 'ignored', rule };
        return refused('unknown_type', String(type).slice(0, 40));
      }
    }
  }

  #untyped(frame: JsonObject, symbol: string | undefined): FrameEvent {
    if (frame['lastUpdateId'] !== undefined) {
      const named = frame['symbol'] ?? symbol;
      if (typeof named !== 'string') return refused('missing_field', 'symbol of the snapshot');
      return this.#withGrid({ ...frame, s: named }, snapshotEvent);
    }
    if (frame['error'] !== undefined && isObject(frame['error'])) {
      return venueError(frame['error'], frameId(frame));
    }
    if (frame['result'] !== undefined) {
      return { kind: 'ack', id: frameId(frame), result: frame['result'] };
    }
    if (frame['code'] !== undefined && frame['msg'] !== undefined) {
      return venueError(frame, frameId(frame));
    }
    // Spot best quotes alone come without a type.
    if (frame['u'] !== undefined && frame['B'] !== undefined) {
      return this.#withGrid(frame, quoteEvent);
    }
    return refused('unknown_type', Object.keys(frame).slice(0, 8).join(','));
  }

  #withGrid(
    frame: JsonObject,
    build: (frame: JsonObject, grid: InstrumentGrid) => FrameEvent,
  ): FrameEvent {
    const symbol = textField(frame, 's');
    const grid = this.#gridOf(symbol);
    if (grid !== undefined) return build(frame, grid);
    return this.#unknownSymbol === 'ignore'
      ? { kind: 'ignored', rule: 'symbol_not_followed' }
      : refused('unknown_symbol', symbol.slice(0, 40));
  }
}

function symbolOfStream(stream: string): string | undefined {
  const at = stream.indexOf('@');
  return at <= 0 || stream.startsWith('!') ? undefined : stream.slice(0, at).toUpperCase();
}

function frameId(frame: JsonObject): number | string | null {
  const id = frame['id'];
  return typeof id === 'number' || typeof id === 'string' ? id : null;
}

function venueError(frame: JsonObject, id: number | string | null): FrameEvent {
  const detail = isObject(frame['m']) ? frame['m'] : frame;
  const code = detail['code'];
  const message = detail['msg'] ?? frame['m'];
  return {
    kind: 'error',
    id,
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
  };
}

function depthEvent(frame: JsonObject, grid: InstrumentGrid): DepthEvent | FrameEvent {
  const firstUpdateId = integerField(frame, 'U');
  const finalUpdateId = integerField(frame, 'u');
  if (firstUpdateId > finalUpdateId) {
    return refused('bad_field', `U ${firstUpdateId} is after u ${finalUpdateId}`);
  }
  return {
    kind: 'depth',
    symbol: grid.symbol,
    eventTimeMs: integerField(frame, 'E'),
    transactionTimeMs: optionalInteger(frame, 'T'),
    firstUpdateId,
    finalUpdateId,
    previousUpdateId: optionalInteger(frame, 'pu'),
    bids: levelsField(frame, 'b', grid),
    asks: levelsField(frame, 'a', grid),
  };
}

function snapshotEvent(frame: JsonObject, grid: InstrumentGrid): SnapshotEvent {
  return {
    kind: 'snapshot',
    symbol: grid.symbol,
    lastUpdateId: integerField(frame, 'lastUpdateId'),
    eventTimeMs: optionalInteger(frame, 'E'),
    bids: levelsField(frame, 'bids', grid),
    asks: levelsField(frame, 'asks', grid),
  };
}

function quoteEvent(frame: JsonObject, grid: InstrumentGrid): QuoteEvent {
  return {
    kind: 'quote',
    symbol: grid.symbol,
    updateId: integerField(frame, 'u'),
    bidTicks: countField(frame, 'b', grid.price),
    bidUnits: countField(frame, 'B', grid.quantity),
    askTicks: countField(frame, 'a', grid.price),
    askUnits: countField(frame, 'A', grid.quantity),
    eventTimeMs: optionalInteger(frame, 'E'),
  };
}

function tradeEvent(frame: JsonObject, grid: InstrumentGrid): FrameEvent {
  // Futures publish insurance-fund and delisting transfers as trades: they are not market prices.
  const execution = frame['X'];
  if (execution !== undefined && execution !== 'MARKET') {
    return { kind: 'ignored', rule: 'not_a_market_trade' };
  }
  return tradeOf(frame, grid, { kind: 'trade', idKey: 't' });
}

function aggregateTradeEvent(frame: JsonObject, grid: InstrumentGrid): FrameEvent {
  return tradeOf(frame, grid, { kind: 'agg-trade', idKey: 'a' });
}

function tradeOf(
  frame: JsonObject,
  grid: InstrumentGrid,
  form: { readonly kind: TradeEvent['kind']; readonly idKey: string },
): TradeEvent {
  return {
    kind: form.kind,
    symbol: grid.symbol,
    tradeId: integerField(frame, form.idKey),
    priceTicks: countField(frame, 'p', grid.price),
    quantityUnits: countField(frame, 'q', grid.quantity),
    aggressor: booleanField(frame, 'm') ? 'sell' : 'buy',
    tradeTimeMs: integerField(frame, 'T'),
    eventTimeMs: integerField(frame, 'E'),
  };
}

function barEvent(frame: JsonObject): BarEvent {
  const bar = objectField(frame, 'k');
  return {
    kind: 'bar',
    symbol: textField(frame, 's'),
    interval: textField(bar, 'i'),
    openTimeMs: integerField(bar, 't'),
    closeTimeMs: integerField(bar, 'T'),
    open: decimalField(bar, 'o'),
    high: decimalField(bar, 'h'),
    low: decimalField(bar, 'l'),
    close: decimalField(bar, 'c'),
    volume: decimalField(bar, 'v'),
    quoteVolume: decimalField(bar, 'q'),
    tradeCount: integerField(bar, 'n'),
    closed: booleanField(bar, 'x'),
    eventTimeMs: integerField(frame, 'E'),
  };
}

function markEvent(frame: JsonObject): MarkEvent {
  return {
    kind: 'mark',
    symbol: textField(frame, 's'),
    markPrice: decimalField(frame, 'p'),
    indexPrice: optionalDecimal(frame, 'i'),
    settlePrice: optionalDecimal(frame, 'P'),
    fundingRate: optionalDecimal(frame, 'r'),
    nextFundingTimeMs: optionalInteger(frame, 'T'),
    eventTimeMs: integerField(frame, 'E'),
  };
}
