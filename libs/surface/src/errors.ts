import { type CatalogueEntry, defineErrors, type Fault, faultOf } from '@cerberus/core';

/** Closed catalogue of what the surface library refuses; `path` of a fault names field and row. */
export const SURFACE_ERRORS = defineErrors('SURFACE', {
  NOT_FINITE: { title: 'must be a finite number', status: 422, retry: 'never' },
  NOT_POSITIVE: { title: 'must be greater than zero', status: 422, retry: 'never' },
  OUT_OF_RANGE: { title: 'outside the allowed range', status: 422, retry: 'never' },
  LENGTH_MISMATCH: { title: 'columns differ in length', status: 422, retry: 'never' },
  INVALID_SLICE: {
    title: 'the parameters give no positive total variance',
    status: 422,
    retry: 'never',
  },
  NO_JUMP_WINGS: {
    title: 'the parameters have no counterpart in this form',
    status: 422,
    retry: 'never',
  },
  TOO_FEW_QUOTES: { title: 'too few usable quotes', status: 422, retry: 'never' },
  NO_EXPIRY: { title: 'no expiry has enough usable quotes', status: 422, retry: 'never' },
  NO_FORWARD: {
    title: 'no forward: fewer than two strikes with both a call and a put',
    status: 422,
    retry: 'never',
  },
  EXPIRY_ORDER: { title: 'expiries must rise strictly', status: 422, retry: 'never' },
  CALIBRATION_FAILED: { title: 'no parameters fit the quotes', status: 422, retry: 'never' },
  ARBITRAGE: { title: 'the surface admits arbitrage here', status: 422, retry: 'never' },
  NO_SOLUTION: { title: 'no strike or volatility answers the query', status: 422, retry: 'never' },
});

/** A fault of a number: where it was, what came, what would have done. */
export function numberFault(
  entry: CatalogueEntry,
  path: string,
  detail: { readonly expected: string; readonly received: number | string },
): Fault {
  return faultOf(entry, { path, expected: detail.expected, received: String(detail.received) });
}

/** The first of the named numbers that is not finite. */
export function faultOfNumbers(values: Readonly<Record<string, number>>): Fault | undefined {
  for (const [path, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) {
      return numberFault(SURFACE_ERRORS.NOT_FINITE, path, {
        expected: 'a finite number',
        received: value,
      });
    }
  }
  return undefined;
}

/** Refuses a number that is not finite and greater than zero. */
export function faultOfPositive(value: number, path: string): Fault | undefined {
  return (
    faultOfNumbers({ [path]: value }) ??
    (value > 0
      ? undefined
      : numberFault(SURFACE_ERRORS.NOT_POSITIVE, path, { expected: '> 0', received: value }))
  );
}

/** Refuses a number outside the closed interval. */
export function faultOutside(
  value: number,
  [low, high]: readonly [number, number],
  path: string,
): Fault | undefined {
  if (value >= low && value <= high) return undefined;
  return numberFault(
    Number.isFinite(value) ? SURFACE_ERRORS.OUT_OF_RANGE : SURFACE_ERRORS.NOT_FINITE,
    path,
    { expected: `in [${low}, ${high}]`, received: value },
  );
}
