export {
  type AttributionGreeks,
  attributeByFactor,
  attributeByGreek,
  type FactorAttribution,
  GREEK_TERMS,
  type GreekAttribution,
  type GreekTerm,
  type MarketMove,
  type PeriodCosts,
} from './attribution.ts';
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
export { decomposeScenarios, type ScenarioDecomposition } from './decomposition.ts';
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
  attributeToFactors,
  FACTOR_EFFECTS,
  type FactorEffect,
  type FactorLoading,
  type FactorSplit,
} from './factor-attribution.ts';
export {
  type CovarianceEstimator,
  estimateFactorCovariance,
  type FactorCovariance,
} from './factor-covariance.ts';
export {
  estimateFactorModel,
  FACTOR_PERIODS_MIN,
  type FactorHistory,
  type FactorModelChoice,
  type GivenJumps,
  type LawChoice,
} from './factor-estimation.ts';
export {
  FACTORS_MAX,
  type Factor,
  type FactorModel,
  type HestonLaw,
  type JumpLaw,
  type ReturnLaw,
  STEPS_MAX,
  type TCopulaLaw,
} from './factor-model.ts';
export { FactorSimulator } from './factor-simulator.ts';
export {
  type FilteredPathsOptions,
  type FilteredSeries,
  filterByEwma,
  filterByGarch,
  filteredHorizonReturns,
  filteredScenarios,
  overlappingSums,
} from './filtered-historical.ts';
export { estimateHeston, type HestonParameters } from './heston-estimation.ts';
export { historicalScenarioPnl, SCENARIO_CELLS_MAX } from './historical-scenarios.ts';
export {
  type HistoricalConvention,
  historicalVar,
  historicalVarOfSorted,
  type ShortfallEstimator,
} from './historical-var.ts';
export { estimateJumps, type JumpEstimate } from './jump-estimation.ts';
export {
  BATCH_PATHS,
  type MonteCarloRisk,
  monteCarloVar,
  PATHS_DEFAULT,
  PATHS_MAX,
  type Revaluation,
  riskOfPnl,
  simulatePnl,
  type TaylorExposure,
  taylorRevaluation,
} from './monte-carlo.ts';
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
  type Performance,
  type PerformanceOptions,
  performance,
  performanceByGroup,
} from './performance.ts';
export { type ReverseStress, type ReverseStressInputs, reverseStress } from './reverse-stress.ts';
export { type RollingBacktest, type RollingOptions, rollingBacktest } from './rolling-backtest.ts';
export { ScenarioTail } from './scenario-tail.ts';
export { type DeflatedSharpeInputs, deflatedSharpe } from './sharpe-ratio.ts';
export { backtestShortfall, type ShortfallBacktest } from './shortfall-test.ts';
export {
  type FactorProxy,
  GRID_CELLS_MAX,
  type GridAxes,
  type GridPoint,
  runStress,
  type ScenarioValue,
  type StressGrid,
  type StressResult,
  shiftCorrelation,
  stressGrid,
  type WorstCase,
  worstCase,
} from './stress.ts';
export { STRESS_SCENARIOS, type StressScenario } from './stress-scenarios.ts';
export { fitStudentT, STUDENT_FIT_MIN, type StudentFit } from './student-fit.ts';
export type { TailRisk } from './tail-risk.ts';
export { forecastVar, stationaryGarch, type VarModel } from './var-forecast.ts';
export { type AgeWeightedRisk, ageWeightedVar } from './weighted-var.ts';
