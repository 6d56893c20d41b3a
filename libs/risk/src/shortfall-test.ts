import { fail, type Result } from '@cerberus/core';
import { type Series, studentTCdf } from '@cerberus/stats';
import { check } from './errors.ts';

export interface ShortfallBacktest {
  readonly exceptions: number;
  /**
   * Acerbi and Szekely's Z₁, 1 − mean over exceptions of loss/ES; expected 0, negative where losses
   * beyond the VaR are larger than forecast. Absent without exceptions.
   */
  readonly z1?: number;
  /** Z₂ = 1 − Σ loss·1{exception}/(N p ES): size and number together; below −0.7 rejects at about 5 %. */
  readonly z2: number;
  readonly z2RejectsAt5pct: boolean;
  /**
   * McNeil and Frey: mean of (loss − ES)/ES over the exceptions against 0, one-sided p-value by Student-t.
   * Absent with fewer than two exceptions.
   */
  readonly residualMean?: number;
  readonly residualPValue?: number;
}

/** Critical value of Z₂ at 5 %, nearly the same for Student-t tails from 3 degrees of freedom on. */
const Z2_CRITICAL_5PCT = -0.7;

/**
 * Backtest of expected shortfall (Acerbi and Szekely, "Backtesting expected shortfall", Risk, December
 * 2014; McNeil and Frey, J. Empirical Finance 7 (2000) 271–300). Positive VaR and ES forecasts, one per
 * P&L outcome, `probability` = 1 − confidence.
 */
export function backtestShortfall(inputs: {
  readonly pnl: Series;
  readonly valueAtRisk: Series;
  readonly expectedShortfall: Series;
  readonly probability: number;
}): Result<ShortfallBacktest> {
  const { pnl, valueAtRisk, expectedShortfall, probability } = inputs;
  const fault =
    check.probability(probability, 'probability') ??
    check.series(pnl, 'pnl') ??
    check.series(valueAtRisk, 'valueAtRisk') ??
    check.series(expectedShortfall, 'expectedShortfall', { positive: true }) ??
    check.length(valueAtRisk, 'valueAtRisk', pnl.length) ??
    check.length(expectedShortfall, 'expectedShortfall', pnl.length);
  if (fault !== undefined) return fail(fault);
  const ratios: number[] = [];
  for (let t = 0; t < pnl.length; t++) {
    if (-pnl[t]! > valueAtRisk[t]!) ratios.push(-pnl[t]! / expectedShortfall[t]!);
  }
  const exceptions = ratios.length;
  const sum = ratios.reduce((a, b) => a + b, 0);
  const z2 = 1 - sum / (pnl.length * probability);
  const base = { exceptions, z2, z2RejectsAt5pct: z2 < Z2_CRITICAL_5PCT };
  if (exceptions === 0) return check.result(base);
  const mean = sum / exceptions;
  const z1 = 1 - mean;
  let spread = 0;
  for (const r of ratios) spread += (r - mean) ** 2;
  if (exceptions < 2 || spread === 0) return check.result({ ...base, z1 });
  const standardError = Math.sqrt(spread / (exceptions - 1) / exceptions);
  const t = (mean - 1) / standardError;
  return check.result({
    ...base,
    z1,
    residualMean: mean - 1,
    residualPValue: studentTCdf(-t, exceptions - 1),
  });
}
