import { defineErrors, type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';

/** Every way in which a transaction-cost formula refuses its input. */
export const TCA_ERRORS = defineErrors('TCA', {
  NOT_FINITE: { title: 'a number is NaN or infinite', status: 422, retry: 'never' },
  NOT_POSITIVE: { title: 'a price or quantity is not above zero', status: 422, retry: 'never' },
  NEGATIVE: { title: 'a volume or fee is below zero', status: 422, retry: 'never' },
  OVERFLOW: { title: 'the result leaves the range of a double', status: 422, retry: 'never' },
  NO_VOLUME: { title: 'nothing was traded', status: 422, retry: 'never' },
  OVERFILLED: { title: 'more was filled than ordered', status: 422, retry: 'never' },
  BAR_OUT_OF_RANGE: {
    title: 'the fill names a bar that is not there',
    status: 422,
    retry: 'never',
  },
});

export function finiteFault(value: number, path: string): Fault | undefined {
  if (Number.isFinite(value)) return undefined;
  return faultOf(TCA_ERRORS.NOT_FINITE, {
    path,
    expected: 'a finite number',
    received: `${value}`,
  });
}

export function positiveFault(value: number, path: string): Fault | undefined {
  if (!Number.isFinite(value)) return finiteFault(value, path);
  if (value > 0) return undefined;
  return faultOf(TCA_ERRORS.NOT_POSITIVE, { path, expected: 'above 0', received: `${value}` });
}

export function notNegativeFault(value: number, path: string): Fault | undefined {
  if (!Number.isFinite(value)) return finiteFault(value, path);
  if (value >= 0) return undefined;
  return faultOf(TCA_ERRORS.NEGATIVE, { path, expected: 'at least 0', received: `${value}` });
}

/** The value, or the fault of the first number among its fields that left the range of doubles. */
export function finiteResult<T extends object>(value: T): Result<T> {
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== 'number' || Number.isFinite(field)) continue;
    const expected = 'inputs whose result a double can hold';
    const path = `result.${name}`;
    return fail(faultOf(TCA_ERRORS.OVERFLOW, { path, expected, received: `${field}` }));
  }
  return ok(value);
}
