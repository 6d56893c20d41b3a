export {
  averageFillPrice,
  type BarFill,
  type Benchmarks,
  benchmarks,
  type MarketBar,
  type MidAt,
  REVERSION_HORIZONS_MS,
  reversionBps,
  type SideSign,
  slippageBps,
  timeWeightedPrice,
  volumeWeightedPrice,
} from './benchmarks.ts';
export { TCA_ERRORS } from './errors.ts';
export { executionReport, type MarketContext, type ReportInput } from './execution-report.ts';
export {
  implementationShortfall,
  type Shortfall,
  type ShortfallInputs,
  splitTradingCost,
  type TradingCost,
  type TradingCostInputs,
} from './shortfall.ts';
