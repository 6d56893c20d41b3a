import { type CatalogueEntry, type Fault, fail, ok, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';

/** Any array of doubles; kernels never keep or change it. */
export type Series = ArrayLike<number>;

/** The entries that the checks below answer with, so that each library answers in its own codes. */
export interface CheckCatalogue {
  readonly NOT_FINITE: CatalogueEntry;
  readonly TOO_SHORT: CatalogueEntry;
  readonly CONSTANT: CatalogueEntry;
  readonly LENGTH_MISMATCH: CatalogueEntry;
  readonly OUT_OF_DOMAIN: CatalogueEntry;
  readonly DEGREES_OF_FREEDOM: CatalogueEntry;
  readonly OVERFLOW: CatalogueEntry;
}

/** The bounds of a number; each absent one does not bind. */
export interface Domain {
  readonly above?: number;
  readonly below?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly integer?: boolean;
}

/** What a series must be. */
export interface SeriesDemand {
  readonly minimumLength?: number;
  /** Refuse a series without any variation. */
  readonly varying?: boolean;
  /** Refuse elements that are not above zero. */
  readonly positive?: boolean;
}

export interface ArgumentChecks {
  /** First fault of a series: too short, then not finite (naming the row), then constant. */
  series(values: Series, path: string, demand?: SeriesDemand): Fault | undefined;
  /** Fault of a number that is not finite or outside its domain. */
  number(value: number, path: string, domain?: Domain): Fault | undefined;
  /** Fault of an array whose length is not `length`. */
  length(values: Series, path: string, length: number): Fault | undefined;
  /** Fault of a probability that is not strictly between 0 and 1. */
  probability(value: number, path: string): Fault | undefined;
  /** Fault of degrees of freedom of 2 or fewer, at which a Student-t has no variance. */
  degreesOfFreedom(value: number, path: string): Fault | undefined;
  /** The value, or the fault of the first number in it that left the range of doubles. */
  result<T>(value: T): Result<T>;
}

/** The argument checks shared by the numeric libraries, answering in the codes of one of them. */
export function argumentChecks(errors: CheckCatalogue): ArgumentChecks {
  const number = (value: number, path: string, domain: Domain = {}): Fault | undefined => {
    if (!Number.isFinite(value)) {
      return argumentFault(errors.NOT_FINITE, path, {
        expected: 'a finite number',
        received: value,
      });
    }
    const expected = broken(value, domain);
    if (expected === undefined) return undefined;
    return argumentFault(errors.OUT_OF_DOMAIN, path, { expected, received: value });
  };
  return {
    number,
    series: (values, path, demand = {}) => seriesFault(errors, { values, path, demand }),
    length: (values, path, length) =>
      values.length === length
        ? undefined
        : argumentFault(errors.LENGTH_MISMATCH, path, {
            expected: `${length} elements`,
            received: values.length,
          }),
    probability: (value, path) => number(value, path, { above: 0, below: 1 }),
    degreesOfFreedom: (value, path) =>
      Number.isFinite(value) && value <= 2
        ? argumentFault(errors.DEGREES_OF_FREEDOM, path, {
            expected: 'more than 2',
            received: value,
          })
        : number(value, path),
    result: <T>(value: T): Result<T> => {
      const found = notFiniteIn(value, 'result', 0);
      if (found === undefined) return ok(value);
      return fail(
        argumentFault(errors.OVERFLOW, found.path, {
          expected: 'inputs whose result a double can hold',
          received: found.value,
        }),
      );
    },
  };
}

function seriesFault(
  errors: CheckCatalogue,
  check: { readonly values: Series; readonly path: string; readonly demand: SeriesDemand },
): Fault | undefined {
  const { values, path, demand } = check;
  const minimum = demand.minimumLength ?? 1;
  if (values.length < minimum) {
    const expected = `at least ${minimum} elements`;
    return argumentFault(errors.TOO_SHORT, path, { expected, received: values.length });
  }
  let varies = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Its name is made where it is told: a text for each element costs more than the check.
    if (!Number.isFinite(value)) {
      return argumentFault(errors.NOT_FINITE, `${path}[${i}]`, {
        expected: 'a finite number',
        received: value,
      });
    }
    if (demand.positive === true && value <= 0) {
      const expected = 'above 0';
      return argumentFault(errors.OUT_OF_DOMAIN, `${path}[${i}]`, { expected, received: value });
    }
    if (value !== values[0]) varies = true;
  }
  if (demand.varying === true && !varies) {
    return argumentFault(errors.CONSTANT, path, {
      expected: 'a series that varies',
      received: `${values.length} times ${values[0]}`,
    });
  }
  return undefined;
}

/** Levels of nesting that results have. */
const RESULT_DEPTH_MAX = 6;

function notFiniteIn(
  value: unknown,
  path: string,
  depth: number,
): { readonly path: string; readonly value: number } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, value };
  if (typeof value !== 'object' || value === null || depth > RESULT_DEPTH_MAX) return undefined;
  if (value instanceof Float64Array || Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const element: unknown = value[i];
      if (typeof element === 'number' && Number.isFinite(element)) continue;
      const found = notFiniteIn(element, `${path}[${i}]`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const [name, field] of Object.entries(value)) {
    const found = notFiniteIn(field, `${path}.${name}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function broken(value: number, domain: Domain): string | undefined {
  if (domain.above !== undefined && value <= domain.above) return `above ${domain.above}`;
  if (domain.atLeast !== undefined && value < domain.atLeast) return `at least ${domain.atLeast}`;
  if (domain.below !== undefined && value >= domain.below) return `below ${domain.below}`;
  if (domain.atMost !== undefined && value > domain.atMost) return `at most ${domain.atMost}`;
  if (domain.integer === true && !Number.isInteger(value)) return 'a whole number';
  return undefined;
}

/** Checks answering in this library's codes. */
export const check = argumentChecks(STATS_ERRORS);
