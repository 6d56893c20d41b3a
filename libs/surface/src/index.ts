export {
  type ButterflyCheck,
  densityOfLogMoneyness,
  durrleman,
  sviButterfly,
} from './butterfly.ts';
export { type CalendarCheck, sviCalendar } from './calendar.ts';
export {
  CERTIFICATE_MATURITIES,
  CERTIFICATE_MONEYNESS,
  type Certificate,
  certify,
  isArbitrageFree,
} from './certificate.ts';
export {
  type ChainOptions,
  type DropCounts,
  EXPIRY_DROPS,
  type ExpiryDrop,
  type ExpiryQuotes,
  type OptionQuote,
  QUOTE_DROPS,
  type QuoteDrop,
} from './chain.ts';
export { SURFACE_ERRORS } from './errors.ts';
export { type ExpiryFit, fitReport } from './fit-report.ts';
export {
  type FittedSurface,
  fitSurface,
  RUNGS,
  type Rung,
  type SurfaceFitOptions,
} from './ladder.ts';
export {
  type ConeRow,
  type SmileMetrics,
  smileMetrics,
  termStructure,
  volatilityCone,
} from './metrics.ts';
export {
  interpolatedVolatility,
  modelFreeVolatility,
  type StripOption,
  stripVariance,
} from './model-free.ts';
export {
  alphaFromAtTheMoney,
  type SabrParameters,
  type SabrPoint,
  type SabrVolatilities,
  sabrVolatilities,
} from './sabr.ts';
export { type SabrDensity, sabrDensity } from './sabr-density.ts';
export { fitSabr, type SabrFit, type SabrFitOptions, type SabrQuotes } from './sabr-fit.ts';
export { type SmileSlice, slicePoint, sliceVariance, sviSlice, wingSlopes } from './slice.ts';
export {
  type DroppedExpiry,
  type ImpliedSmiles,
  impliedSmiles,
  QUOTES_MIN,
  type Smile,
} from './smile.ts';
export {
  areEssviOrdered,
  rawFromSsvi,
  type SsviConditions,
  type SsviSlice,
  ssviConditions,
} from './ssvi.ts';
export {
  type Extrapolation,
  type LocalVolatilityQuote,
  type SurfaceExpiry,
  type VolatilityQuote,
  VolatilitySurface,
} from './surface.ts';
export {
  jumpWingsFromRaw,
  naturalFromRaw,
  rawFromJumpWings,
  rawFromNatural,
  repairedJumpWings,
  type SviJumpWings,
  type SviNatural,
  type SviRaw,
  sviMinimum,
  sviPoint,
  sviTotalVariance,
  type VariancePoint,
  variancePoint,
} from './svi.ts';
export { fitSvi, type SviFit, type SviFitOptions, type SviQuotes } from './svi-fit.ts';
