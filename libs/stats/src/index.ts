export {
  type BoxOptions,
  type DifferentiableObjective,
  minimiseInBox,
} from './box-minimiser.ts';
export { findRoot, type Interval, minimiseInInterval } from './brent.ts';
export {
  binomialCdf,
  binomialSfInclusive,
  chiSquaredCdf,
  chiSquaredQuantile,
  chiSquaredSf,
  fisherSf,
} from './chi-squared.ts';
export {
  type EngleGrangerTest,
  engleGranger,
  JOHANSEN_SERIES_MAX,
  type JohansenTest,
  johansen,
} from './cointegration.ts';
export {
  cholesky,
  choleskySolve,
  correlationOf,
  covarianceFrom,
  dot,
  multiplyVector,
  type SquareMatrix,
  sampleCovariance,
  squareMatrix,
  symmetric,
} from './covariance.ts';
export {
  type DccEvaluation,
  type DccFit,
  type DccParameters,
  evaluateDcc,
  fitDcc,
} from './dcc.ts';
export {
  autocorrelations,
  type CusumTest,
  chowTest,
  cusumTest,
  jarqueBera,
  ljungBox,
  type TestResult,
  whiteTest,
} from './diagnostics.ts';
export {
  empiricalQuantile,
  probabilityMass,
  QUANTILE_TYPES,
  type QuantileType,
  quantileOfSorted,
  type TailMass,
  tailMass,
  tailProbability,
} from './empirical-quantile.ts';
export { argumentFault, STATS_ERRORS } from './errors.ts';
export {
  type EwmaPath,
  type EwmaSeed,
  ewmaCovariance,
  ewmaEffectivePeriods,
  ewmaVariance,
} from './ewma.ts';
export { digamma, gammaP, gammaQ, logGamma } from './gamma.ts';
export {
  evaluateGarch,
  fitGarch,
  GARCH_RETURNS_MIN,
  type GarchDistribution,
  type GarchEvaluation,
  type GarchFit,
  garchForecast,
} from './garch.ts';
export type { GarchInitialisation, GarchParameters, GarchTrace } from './garch-likelihood.ts';
export type { GarchErrors } from './garch-refinement.ts';
export { type LeastSquares, leastSquares } from './least-squares.ts';
export { type LevenbergMarquardtOptions, levenbergMarquardt } from './levenberg-marquardt.ts';
export type { CriticalRow, Deterministic } from './mackinnon-tables.ts';
export { centralMoment, type Moments, meanOf, moments, sampleVariance } from './moments.ts';
export { type Minimum, type NelderMeadOptions, nelderMead } from './nelder-mead.ts';
export {
  erf,
  erfc,
  erfcx,
  millsRatio,
  normalCdf,
  normalLogCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  upperTailGivenPdf,
} from './normal.ts';
export { onesColumn, type Regression, regress } from './ols.ts';
export {
  type Autoregression,
  fitOrnsteinUhlenbeck,
  type OrnsteinUhlenbeck,
  type OrnsteinUhlenbeckFit,
  ornsteinUhlenbeckTransition,
  type TransitionInputs,
} from './ornstein-uhlenbeck.ts';
export { PhiloxStream, philox4x32, type StreamAddress } from './philox.ts';
export { integrate } from './quadrature.ts';
export { selectSmallest } from './selection.ts';
export { ledoitWolf, type ShrinkageTarget, type ShrunkCovariance } from './shrinkage.ts';
export { SOBOL_DIMENSIONS_MAX, SobolStream } from './sobol.ts';
export {
  studentTCdf,
  studentTLogNormaliser,
  studentTLogPdf,
  studentTPdf,
  studentTQuantile,
  studentTSf,
} from './student-t.ts';
export {
  correlationFromKendall,
  type EmpiricalTail,
  empiricalTail,
  fitTCopula,
  KENDALL_OBSERVATIONS_MAX,
  kendallFromCorrelation,
  kendallTau,
  pseudoObservations,
  type TCopula,
  type TCopulaFit,
  tailDependence,
  tCopulaCdf,
  tCopulaLogDensity,
  tCopulaLogLikelihood,
} from './t-copula.ts';
export { fitTCopulaMatrix, type MultivariateTCopulaFit } from './t-copula-matrix.ts';
export {
  type AdfRegression,
  type AdfTest,
  type AutomaticAdfTest,
  adfRegression,
  adfTest,
  adfTestAutomatic,
  type CriticalValues,
  type LagCriterion,
  mackinnonCriticalValues,
  mackinnonPValue,
} from './unit-root.ts';
export {
  type ArgumentChecks,
  argumentChecks,
  type CheckCatalogue,
  type Domain,
  type Series,
  type SeriesDemand,
} from './validation.ts';
