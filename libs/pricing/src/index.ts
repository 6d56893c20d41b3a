export { black76Greeks, black76Price, type ForwardOption } from './black76.ts';
export { PRICING_ERRORS } from './errors.ts';
export {
  allocateEuropeanColumns,
  type EuropeanOption,
  europeanGreeks,
  europeanGreeksBatch,
  europeanPrice,
  europeanPriceBatch,
  setEuropeanRow,
} from './european.ts';
export type { EuropeanColumns } from './european-kernel.ts';
export {
  allocateGreekColumns,
  DAYS_PER_YEAR,
  GREEK_NAMES,
  type GreekColumns,
  type Greeks,
  greeksAt,
  type OptionKind,
  perDay,
  perYear,
  signOf,
} from './greeks.ts';
export {
  IMPLIED_VOLATILITY_STATUSES,
  type ImpliedVolatilityStatus,
  impliedVolatility,
  impliedVolatilityBatch,
  type QuotedColumns,
  type QuotedOption,
} from './implied-volatility.ts';
