export type { Brand } from './brand.ts';
export type { Clock, IdSource, Rng, TimerHandle } from './clock.ts';
export {
  absolute,
  add,
  compare,
  DECIMAL_ERRORS,
  DECIMAL_PRECISION,
  DECIMAL_SCALE,
  type Decimal,
  decimal,
  decimalFromUnits,
  divide,
  formatDecimal,
  isMultipleOf,
  maximum,
  minimum,
  multiply,
  negate,
  ONE,
  parseDecimal,
  type Rounding,
  roundToStep,
  subtract,
  toNumber,
  ZERO,
} from './decimal.ts';
export {
  type CatalogueEntry,
  defineErrors,
  type ErrorCatalogue,
  type ErrorDefinition,
  faultOf,
  type RetryClass,
} from './error-catalogue.ts';
export { assertNever, InvariantViolation, invariant } from './invariant.ts';
export { CerberusError, type Fault, fail, ok, type Result, unwrap } from './result.ts';
export { type EpochUs, epochUs, epochUsFromMs, formatEpochUs } from './time.ts';
