export {
  type FeatureOptions,
  type FeatureValues,
  InstrumentFeatures,
} from './instrument-features.ts';
export { bookImbalance, microprice, midPrice, type TopOfBook } from './microprice.ts';
export { type LogReturn, SampledReturns } from './sampled-returns.ts';
export { EwmaVolatility, RealisedVolatility, SECONDS_PER_YEAR } from './volatility.ts';
