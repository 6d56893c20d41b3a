export { type Concentration, concentration } from './concentration.ts';
export {
  type AcceptedExceptions,
  type BaselVerdict,
  baselTrafficLight,
  type ChristoffersenTest,
  christoffersenTest,
  type KupiecTest,
  kupiecRegion,
  kupiecTest,
  type LikelihoodRatio,
  type TrafficLight,
  timeUntilFirstFailure,
} from './coverage-tests.ts';
export {
  type DeltaGammaInputs,
  type DeltaGammaRisk,
  deltaGammaVar,
  diagonalMatrix,
} from './delta-gamma.ts';
export {
  type DeltaNormalRisk,
  deltaNormalVar,
  normalMultiples,
  normalTail,
} from './delta-normal.ts';
export { type Drawdown, drawdownOf } from './drawdown.ts';
export { RISK_ERRORS } from './errors.ts';
export { type EstimateError, estimateError } from './estimate-error.ts';
export {
  type FilteredPathsOptions,
  type FilteredSeries,
  filterByEwma,
  filterByGarch,
  filteredHorizonReturns,
  filteredScenarios,
  overlappingSums,
} from './filtered-historical.ts';
export {
  type HistoricalConvention,
  historicalVar,
  historicalVarOfSorted,
  type ShortfallEstimator,
} from './historical-var.ts';
export {
  type CornishFisherInputs,
  type CornishFisherTail,
  cornishFisherExpansion,
  cornishFisherIsMonotone,
  cornishFisherTail,
  type StudentSpread,
  type StudentTail,
  studentTail,
} from './parametric-var.ts';
export {
  annualTurnover,
  type BenchmarkComparison,
  compareWithBenchmark,
  type DeflatedSharpeInputs,
  deflatedSharpe,
  type Performance,
  type PerformanceOptions,
  performance,
  performanceByGroup,
} from './performance.ts';
export { ScenarioTail } from './scenario-tail.ts';
export { backtestShortfall, type ShortfallBacktest } from './shortfall-test.ts';
export { fitStudentT, STUDENT_FIT_MIN, type StudentFit } from './student-fit.ts';
export type { TailRisk } from './tail-risk.ts';
export { type AgeWeightedRisk, ageWeightedVar } from './weighted-var.ts';
