import type { Decimal, EpochUs } from '@cerberus/core';
import type { Check } from '@cerberus/schema';
import type { GateCheck } from './check.ts';
import type { GateView } from './gate-book.ts';
import { CHECKS } from './registry.ts';
import { type GateOrder, Subject } from './subject.ts';

export interface EvaluateOptions {
  readonly nowUs: EpochUs;
  /** Why the gate cannot judge yet: everything is blocked. */
  readonly notReady?: string | undefined;
  /** Names of optional checks to run; all that are configured where absent. Safety checks always run. */
  readonly checksRequested?: readonly string[] | undefined;
}

export interface Evaluation {
  /** No hard check failed. */
  readonly passed: boolean;
  readonly checks: readonly Check[];
  /** Price that the order was valued at. */
  readonly referencePrice: number | null;
  /** Mid price. */
  readonly arrivalMid: number | null;
  /** When the price was received. */
  readonly referenceTimeUs: EpochUs | null;
}

/** Judges an order as if it were sent now. Moves nothing, reserves nothing. */
export function evaluate(view: GateView, order: GateOrder, options: EvaluateOptions): Evaluation {
  const subject = new Subject(view, order, options);
  const { checksRequested } = options;
  const checks: Check[] = [];
  let passed = true;
  for (const check of CHECKS) {
    if (!check.always && checksRequested !== undefined && !checksRequested.includes(check.name)) {
      continue;
    }
    const outcome = check.evaluate(subject);
    if (outcome === undefined) continue;
    checks.push(outcome);
    if (!outcome.passed && outcome.severity === 'HARD') passed = false;
  }
  const mid = subject.price?.mid ?? null;
  return {
    passed,
    checks,
    referencePrice: mid,
    arrivalMid: mid,
    referenceTimeUs: subject.price?.receiveTimeUs ?? null,
  };
}

/** Hard checks that failed. */
export function blocksOf(checks: readonly Check[]): Check[] {
  return checks.filter(({ passed, severity }) => !passed && severity === 'HARD');
}

/** Soft limits that were passed over. */
export function warningsOf(checks: readonly Check[]): Check[] {
  return checks.filter(({ passed, severity }) => !passed && severity === 'SOFT');
}

/** Times a rounded bound is stepped down by a lot before it is given up. */
const STEPS_DOWN_MAX = 2;

/** The largest quantity in whole lots with which the order would pass now; 0 where none would. */
export function maxQuantity(view: GateView, order: GateOrder, options: EvaluateOptions): Decimal {
  const subject = new Subject(view, order, options);
  const lot = subject.instrument?.lot_size ?? 0n;
  const most = tightestBound(subject, CHECKS);
  if (most === undefined) return 0n as Decimal;
  let quantity = lot > 0n ? most - (most % lot) : most;
  for (let step = 0; step <= STEPS_DOWN_MAX && quantity > 0n; step++) {
    const candidate = { ...order, quantity: quantity as Decimal };
    if (evaluate(view, candidate, options).passed) return quantity as Decimal;
    quantity -= lot > 0n ? lot : 1n;
  }
  return 0n as Decimal;
}

function tightestBound(subject: Subject, checks: readonly GateCheck[]): bigint | undefined {
  let tightest: bigint | undefined;
  for (const check of checks) {
    const bound = check.maxQuantity?.(subject);
    if (bound !== undefined && (tightest === undefined || bound < tightest)) tightest = bound;
  }
  return tightest;
}
