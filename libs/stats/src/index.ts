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
export { centralMoment, type Moments, meanOf, moments, sampleVariance } from './moments.ts';
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
export { selectSmallest } from './selection.ts';
export {
  type ArgumentChecks,
  argumentChecks,
  type CheckCatalogue,
  type Domain,
  type Series,
  type SeriesDemand,
} from './validation.ts';
