export {
  AMERICAN_ACCURACIES,
  type AmericanAccuracy,
  type AmericanOption,
  type AmericanRegime,
  type AmericanValue,
  americanPrice,
  americanValue,
} from './american.ts';
export { americanPriceBatch } from './american-batch.ts';
export {
  type CollocationScheme,
  collocationScheme,
  type SchemeSizes,
} from './american-boundary.ts';
export { americanGreeks } from './american-greeks.ts';
export {
  binomial,
  LATTICES,
  type Lattice,
  type LatticeOption,
  type LatticeValues,
} from './binomial.ts';
export { black76Greeks, black76Price, type ForwardOption } from './black76.ts';
export { type CevOption, type CevValue, cevValue } from './cev.ts';
export { hestonPaths, localVolatilityPaths, mertonPaths } from './diffusion-paths.ts';
export { type CashDividend, presentValueOfDividends } from './dividends.ts';
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
  downAndOutCallPrice,
  type ExchangeOption,
  exchangePrice,
  geometricAsianPrice,
  type TerminalLaw,
  terminalLaw,
} from './exotics.ts';
export {
  type DividendModel,
  finiteDifferences,
  type GridOption,
  type GridValues,
  type LocalVolatilityFunction,
} from './finite-differences.ts';
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
export { gridGreeks } from './grid-greeks.ts';
export { type HestonOption, type HestonValue, hestonValue } from './heston.ts';
export { calibrateHeston, type HestonFit, type VolatilityQuote } from './heston-calibration.ts';
export {
  type ComplexArgument,
  type HestonParameters,
  hestonCharacteristic,
  type JumpParameters,
} from './heston-characteristic.ts';
export { type HestonMoments, hestonMoments } from './heston-moments.ts';
export { type HestonStrip, hestonStripPrices, type StripColumns } from './heston-strip.ts';
export {
  IMPLIED_VOLATILITY_STATUSES,
  type ImpliedVolatilityStatus,
  impliedVolatility,
  impliedVolatilityBatch,
  type QuotedColumns,
  type QuotedOption,
} from './implied-volatility.ts';
export {
  type ForwardInputs,
  forwardPrice,
  impliedCarry,
  LINEAR_KINDS,
  type LinearKind,
  type LinearPosition,
  type LinearValue,
  linearValue,
} from './linear.ts';
export {
  type ForwardVolatilities,
  forwardVolatilities,
  type LocalVariance,
  localVarianceOf,
  type TotalVariancePoint,
} from './local-volatility.ts';
export { asianPaths, downAndOutPaths, europeanPaths, exchangePaths } from './lognormal-paths.ts';
export { type MertonOption, type MertonValue, mertonValue } from './merton.ts';
export {
  type BlockSums,
  blockCount,
  type Estimate,
  mergeBlocks,
  PATHS_PER_BLOCK,
  type PathModel,
  type PathOutcome,
  type SimulationPlan,
  simulate,
  simulateBlock,
} from './monte-carlo.ts';
