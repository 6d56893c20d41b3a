export { requireAccountId } from './account-id.ts';
export {
  AccountLedger,
  type AccountLedgerOptions,
  type Balance,
  type Booking,
} from './account-ledger.ts';
export { type ContractTerms, contractTerms, tradeValue } from './contract-terms.ts';
export { type CsvRow, type CsvTable, parseCsv } from './csv-table.ts';
export { ORDERS_ERRORS } from './errors.ts';
export { fromExactJson, toExactJson } from './exact-json.ts';
export {
  OPENING_COLUMNS,
  type OpeningFaults,
  type OpeningLine,
  type OpeningPositions,
  parseOpeningPositions,
} from './opening-positions.ts';
export {
  isReachable,
  isTerminal,
  legalTriggers,
  nextStatus,
  ORDER_TRIGGERS,
  type OrderTrigger,
  type TriggeredOrder,
  transitionOf,
} from './order-status.ts';
export { type OrderCounts, OrderTable, type OrderTableOptions } from './order-table.ts';
export {
  applyOrderEvent,
  type OrderStep,
  type OrderView,
  remainingQuantity,
} from './order-view.ts';
export {
  applyShift,
  applyTrade,
  averagePrice,
  FLAT,
  type PositionState,
  type SignedTrade,
  type Traded,
  unrealizedPnl,
} from './position.ts';
