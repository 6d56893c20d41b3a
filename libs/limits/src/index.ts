export type { GateCheck } from './check.ts';
export { LIMITS_ERRORS, PASSED } from './errors.ts';
export {
  blocksOf,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  maxQuantity,
  warningsOf,
} from './evaluate.ts';
export {
  type AccountChange,
  type EventOutcome,
  type Exposure,
  GateAccount,
  type GateAccountOptions,
  type WorkingOrder,
} from './gate-account.ts';
export {
  createGateMarket,
  GateBook,
  type GateRecords,
  type GateTopic,
  type GateView,
} from './gate-book.ts';
export { DOLLAR_CURRENCIES, GateMarket, MarketPrice } from './gate-market.ts';
export {
  ANY,
  LIMIT_UNITS,
  LimitBook,
  type LimitDeclaration,
  type LimitTarget,
  type LimitUnit,
} from './limit-book.ts';
export { orderTermsKey } from './order-pace.ts';
export { CHECK_NAMES, checkNamed, LIMIT_DECLARATIONS } from './registry.ts';
export {
  IMPACT_NAMES,
  type ImpactFigure,
  type ImpactName,
  RiskImpact,
  type RiskImpactReport,
} from './risk-impact.ts';
export type { GateOrder } from './subject.ts';
