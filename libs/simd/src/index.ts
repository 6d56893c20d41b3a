export { AMERICAN_SIZES, AmericanBatch } from './american-batch.ts';
export { EuropeanBatch, OUTPUT_NAMES, type ScalarEuropean } from './european-batch.ts';
export { BLOCK_PATHS, EuropeanPathBlocks } from './european-paths.ts';
export { ImpliedBatch, type ScalarImplied } from './implied-batch.ts';
export { isVectorised } from './kernels.ts';
export {
  type RevaluedOption,
  type ScalarPrices,
  ScenarioRevaluation,
} from './scenario-revaluation.ts';
