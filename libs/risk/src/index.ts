export { type Concentration, concentration } from './concentration.ts';
export {
  type DeltaNormalRisk,
  deltaNormalVar,
  normalMultiples,
  normalTail,
} from './delta-normal.ts';
export { RISK_ERRORS } from './errors.ts';
export {
  type HistoricalConvention,
  historicalVar,
  historicalVarOfSorted,
  type ShortfallEstimator,
} from './historical-var.ts';
export { ScenarioTail } from './scenario-tail.ts';
export type { TailRisk } from './tail-risk.ts';
