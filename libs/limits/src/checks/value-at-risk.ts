import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { UNIT } from '../fixed-point.ts';
import type { ResolvedLimit } from '../limit-book.ts';
import { broken, type CheckOutcome, held, invalidLimit, kept, worse } from '../outcome.ts';
import type { Subject } from '../subject.ts';

const NAME = 'var';
const FIGURES = ['var_99_1d', 'es_99_1d'] as const;
type Figure = (typeof FIGURES)[number];

/** Figures are held to a millionth of a dollar. */
const FIGURE_STEPS = 1e6;
const UNITS_PER_STEP = UNIT / 1_000_000n;

/**
 * Value at risk and expected shortfall (99 %, one day) of the account's positions after the order, by
 * revaluation over the scenario vectors. An order that lowers the figure passes whatever its level.
 * Other open orders are not counted in. Where the figure cannot be given, a hard limit blocks.
 */
export const valueAtRisk: GateCheck = {
  name: NAME,
  always: false,
  limits: FIGURES.map((type) => ({ type, units: ['USD'] })),
  evaluate(subject) {
    let worst: CheckOutcome | undefined;
    for (const figure of FIGURES) {
      const invalid = subject.limits.invalid(figure);
      if (invalid !== undefined) return invalidLimit(NAME, invalid);
      const limit = subject.limits.get(figure, 'USD');
      if (limit !== undefined) worst = worse(worst, judged(subject, figure, limit));
    }
    return worst;
  },
};

function judged(subject: Subject, figure: Figure, limit: ResolvedLimit): CheckOutcome {
  const impact = subject.riskImpact;
  const { before, after } = impact[figure];
  if (after === null || before === null || Math.abs(after) > Number.MAX_SAFE_INTEGER) {
    const message = impact.missing[figure] ?? `${figure} is beyond measure`;
    const outcome = broken({ check: NAME, error: LIMITS_ERRORS.NOT_VALUED, message });
    return limit.hard === null ? { ...outcome, severity: 'SOFT' } : outcome;
  }
  const value = unitsOfFigure(after);
  const outcome = held({
    check: NAME,
    value,
    limit,
    error: LIMITS_ERRORS.VALUE_AT_RISK,
    what: figure,
  });
  if (outcome.passed || after > before) return outcome;
  const { scope, value: shown, limit: bound, unit, utilization } = outcome;
  const lowered = kept(NAME, `the order lowers ${figure}, which is above its limit`);
  return { ...lowered, scope, value: shown, limit: bound, unit, utilization };
}

function unitsOfFigure(value: number): bigint {
  const whole = Math.trunc(value);
  const steps = BigInt(Math.round((value - whole) * FIGURE_STEPS));
  return BigInt(whole) * UNIT + steps * UNITS_PER_STEP;
}
