export {
  type BasisRisk,
  type BasisRiskInputs,
  basisRisk,
  type Reversion,
  reversionOf,
} from './basis-score.ts';
export { FEATURES_ERRORS } from './errors.ts';
export {
  type FeatureOptions,
  type FeatureValues,
  InstrumentFeatures,
} from './instrument-features.ts';
export { bookImbalance, microprice, midPrice, type TopOfBook } from './microprice.ts';
export { type NetAssetValue, netAssetValue, type Treasury } from './net-asset-value.ts';
export {
  type PriceBars,
  realisedVolatilities,
  VOLATILITY_ESTIMATORS,
  type VolatilityEstimator,
} from './realised-volatility.ts';
export { type LogReturn, SampledReturns } from './sampled-returns.ts';
export { EwmaVolatility, RealisedVolatility, SECONDS_PER_YEAR } from './volatility.ts';
export { type ConeOptions, type ConeSlice, volatilityCone } from './volatility-cone.ts';
