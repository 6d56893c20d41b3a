export { FrameCounts } from './binance/frame-counts.ts';
export type {
  BarEvent,
  BinanceMarket,
  DepthEvent,
  FrameEvent,
  IgnoreRule,
  MarkEvent,
  MarketDataEvent,
  QuoteEvent,
  RefusalCode,
  RefusedFrame,
  SnapshotEvent,
  TradeEvent,
} from './binance/frame-events.ts';
export { FrameParser, type FrameParserOptions } from './binance/frames.ts';
export { BookSide } from './book/book-side.ts';
export {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type DepthDelta,
  type DepthSnapshot,
  DepthSynchroniser,
  type SequenceRule,
  type SyncCounts,
  type SyncOutcome,
} from './book/depth-sync.ts';
export { type BookLevel, type FlatLevels, OrderBook } from './book/order-book.ts';
export { type CaptureLine, formatCaptureLine, parseCaptureLine } from './capture/capture-line.ts';
export { type CaptureEnd, CaptureReader } from './capture/capture-reader.ts';
export { CaptureWriter } from './capture/capture-writer.ts';
export { VENUE_ERRORS } from './errors.ts';
export {
  type GridLookup,
  type InstrumentGrid,
  instrumentGrid,
  parseInstrumentGrid,
  StepCodec,
} from './grid.ts';
