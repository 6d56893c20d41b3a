export { readBars } from './binance/bars.ts';
export { ApiCredentials } from './binance/credentials.ts';
export { type BinanceEndpoints, binanceEndpoints, type EndpointBase } from './binance/endpoints.ts';
export { parseExactJson } from './binance/exact-json.ts';
export {
  type ExchangeInfo,
  readExchangeInfo,
  type VenueInstrument,
} from './binance/exchange-info.ts';
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
export {
  BinanceMarketConnection,
  type BookUpdate,
  type MarketAnomaly,
  type MarketConnectionOptions,
  type MarketHandlers,
  type MarketStatus,
} from './binance/market-connection.ts';
export {
  readAccount,
  readOrder,
  readOrders,
  readPositions,
  readTrades,
  type VenueAccount,
  type VenueBalance,
  type VenueFill,
  type VenueOrder,
  type VenueOrderStatus,
  type VenuePosition,
  type VenueTrade,
} from './binance/orders.ts';
export {
  type BudgetLimits,
  type BudgetVerdict,
  FUTURES_LIMITS,
  RequestBudget,
  SPOT_LIMITS,
} from './binance/request-budget.ts';
export {
  BinanceRestClient,
  type RestClientOptions,
  type SendOptions,
} from './binance/rest-client.ts';
export { TimeOffset } from './binance/time-offset.ts';
export { BinanceTradingClient, type TradingClientOptions } from './binance/trading-client.ts';
export { readUserFrame, type UserEvent } from './binance/user-events.ts';
export { BinanceUserStream, type UserStreamOptions } from './binance/user-stream.ts';
export {
  classifyAnswer,
  type HttpAnswer,
  mapAnswer,
  type RejectReason,
  type UnknownReason,
  type VenueAnswer,
} from './binance/venue-answer.ts';
export {
  accountRequest,
  allOrdersRequest,
  type BarsQuery,
  barsRequest,
  cancelOrderRequest,
  depthRequest,
  exchangeInfoRequest,
  listenKeyRequest,
  type NewVenueOrder,
  type OrderReference,
  type OrderSide,
  type OrdersQuery,
  openOrdersRequest,
  placeOrderRequest,
  queryOrderRequest,
  type RequestPriority,
  type TradesQuery,
  tradesRequest,
  type VenueRequest,
  type VenueTimeInForce,
} from './binance/venue-request.ts';
export {
  DEFAULT_SOCKET_TIMINGS,
  type DownReason,
  VenueSocket,
  type VenueSocketOptions,
  type VenueSocketTimings,
} from './binance/venue-socket.ts';
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
