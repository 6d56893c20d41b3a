import type { CatalogueEntry } from '@cerberus/core';
import type { Check } from '@cerberus/schema';
import { LIMITS_ERRORS, PASSED } from './errors.ts';
import { reportNumber } from './fixed-point.ts';
import type { Bound, ResolvedLimit } from './limit-book.ts';

/** Result of one check, as it goes into a decision. */
export type CheckOutcome = Check;

/** Scope of a rule that no limit sets. */
export const RULE = 'RULE';
const WITHIN = 'within limit';

/** A rule without a figure was kept. */
export function kept(check: string, message: string): CheckOutcome {
  return {
    check,
    passed: true,
    severity: 'HARD',
    scope: RULE,
    value: null,
    limit: null,
    unit: '',
    utilization: null,
    code: PASSED,
    message,
  };
}

export interface Broken {
  readonly check: string;
  readonly error: CatalogueEntry;
  readonly message: string;
  readonly scope?: string;
  readonly value?: number;
  readonly limit?: number;
  readonly unit?: string;
}

/** A rule that blocks. */
export function broken({ check, error, message, scope, value, limit, unit }: Broken): CheckOutcome {
  return {
    check,
    passed: false,
    severity: 'HARD',
    scope: scope ?? RULE,
    value: value ?? null,
    limit: limit ?? null,
    unit: unit ?? '',
    utilization: null,
    code: error.code,
    message: `${error.title}: ${message}`,
  };
}

/** Fails closed: without a limit, a check that must have one blocks. */
export function notConfigured(check: string, type: string): CheckOutcome {
  return broken({
    check,
    error: LIMITS_ERRORS.NOT_CONFIGURED,
    message: `${type} has no enabled hard limit for this order at any scope`,
  });
}

export function invalidLimit(check: string, limitId: string): CheckOutcome {
  return broken({
    check,
    error: LIMITS_ERRORS.LIMIT_INVALID,
    message: `${limitId} has a unit or value that ${check} does not know`,
    scope: `LIMIT:${limitId}`,
  });
}

export interface Measured {
  readonly check: string;
  readonly value: bigint;
  readonly limit: ResolvedLimit;
  readonly error: CatalogueEntry;
  /** What was measured, for the message: `order value`. */
  readonly what: string;
}

/** Holds a value against the hard limit, then the soft one. */
export function held({ check, value, limit, error, what }: Measured): CheckOutcome {
  const { hard, soft, unit } = limit;
  const number = reportNumber(value);
  if (hard !== null && value > hard.units) {
    return exceeded({ check, number, bound: hard, unit, error, what }, 'HARD');
  }
  if (soft !== null && value > soft.units) {
    return exceeded({ check, number, bound: soft, unit, error, what }, 'SOFT');
  }
  const bound = hard ?? soft;
  return {
    check,
    passed: true,
    severity: hard === null ? 'SOFT' : 'HARD',
    scope: bound?.scope ?? RULE,
    value: number,
    limit: bound?.number ?? null,
    unit,
    utilization: bound === null ? null : ratio(number, bound.number),
    code: PASSED,
    message: WITHIN,
  };
}

interface Exceeded {
  readonly check: string;
  readonly number: number;
  readonly bound: Bound;
  readonly unit: string;
  readonly error: CatalogueEntry;
  readonly what: string;
}

function exceeded(
  { check, number, bound, unit, error, what }: Exceeded,
  severity: 'HARD' | 'SOFT',
): CheckOutcome {
  const kind = severity === 'HARD' ? 'limit' : 'warning level';
  return {
    check,
    passed: false,
    severity,
    scope: bound.scope,
    value: number,
    limit: bound.number,
    unit,
    utilization: ratio(number, bound.number),
    code: error.code,
    message: `${error.title}: ${what} ${number} ${unit} is above the ${kind} of ${bound.number} ${unit} set by ${bound.scope}`,
  };
}

function ratio(value: number, limit: number): number | null {
  const share = value / limit;
  return Number.isFinite(share) ? share : null;
}

/** Blocking before warning before passing; of two alike the more used. */
export function worse(
  a: CheckOutcome | undefined,
  b: CheckOutcome | undefined,
): CheckOutcome | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [rankA, rankB] = [rank(a), rank(b)];
  if (rankA !== rankB) return rankA > rankB ? a : b;
  return (b.utilization ?? 0) > (a.utilization ?? 0) ? b : a;
}

function rank({ passed, severity }: CheckOutcome): number {
  if (passed) return 0;
  return severity === 'SOFT' ? 1 : 2;
}
