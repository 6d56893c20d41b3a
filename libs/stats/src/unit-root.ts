import { fail, type Result } from '@cerberus/core';
import { argumentFault, STATS_ERRORS } from './errors.ts';
import { leastSquares } from './least-squares.ts';
import { CRITICAL_SURFACES, type Deterministic, PROBABILITY_SURFACES } from './mackinnon-tables.ts';
import { normalCdf } from './normal.ts';
import { onesColumn } from './ols.ts';
import { check, type Series } from './validation.ts';

export interface CriticalValues {
  readonly onePercent: number;
  readonly fivePercent: number;
  readonly tenPercent: number;
}

/**
 * P-value of a Dickey-Fuller (one series) or Engle-Granger (several) statistic from MacKinnon's
 * 1994 response surface. Up to six series.
 */
export function mackinnonPValue(
  statistic: number,
  deterministic: Deterministic,
  seriesCount = 1,
): Result<number> {
  const fault =
    check.number(statistic, 'statistic') ??
    check.number(seriesCount, 'seriesCount', { atLeast: 1, atMost: 6, integer: true });
  if (fault !== undefined) return fail(fault);
  const surface = PROBABILITY_SURFACES[deterministic];
  const row = seriesCount - 1;
  if (statistic > surface.maximum[row]!) return check.result(1);
  if (statistic < surface.minimum[row]!) return check.result(0);
  const coefficients = statistic <= surface.star[row]! ? surface.small[row]! : surface.large[row]!;
  return check.result(normalCdf(polynomial(coefficients, statistic)));
}

/** MacKinnon's 2010 critical values for a sample of `observations`, or asymptotic where absent. */
export function mackinnonCriticalValues(
  deterministic: Deterministic,
  seriesCount = 1,
  observations = Number.POSITIVE_INFINITY,
): Result<CriticalValues> {
  const rows = CRITICAL_SURFACES[deterministic];
  const fault =
    check.number(seriesCount, 'seriesCount', { atLeast: 1, atMost: rows.length, integer: true }) ??
    (observations === Number.POSITIVE_INFINITY
      ? undefined
      : check.number(observations, 'observations', { atLeast: 1 }));
  if (fault !== undefined) return fail(fault);
  const [one, five, ten] = rows[seriesCount - 1]!;
  const inverse = 1 / observations;
  return check.result({
    onePercent: polynomial(one, inverse),
    fivePercent: polynomial(five, inverse),
    tenPercent: polynomial(ten, inverse),
  });
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

export interface AdfRegression {
  /** g/se(g). */
  readonly statistic: number;
  /** g of Δyₜ = a + bt + g yₜ₋₁ + Σ cⱼ Δyₜ₋ⱼ + e. */
  readonly coefficient: number;
  readonly standardError: number;
  readonly observations: number;
  readonly lags: number;
}

export interface AdfTest extends AdfRegression {
  readonly pValue: number;
  readonly criticalValues: CriticalValues;
}

export type LagCriterion = 'AIC' | 'BIC';

export interface AutomaticAdfTest extends AdfTest {
  /** The criterion's value at the chosen lag, on the common sample. */
  readonly informationCriterion: number;
}

/**
 * Augmented Dickey-Fuller test with a fixed number of lagged differences, on all observations that
 * the lag leaves (Dickey and Fuller 1979; Said and Dickey 1984). `observations` counts the rows of
 * the regression.
 */
export function adfTest(
  series: Series,
  options: { readonly deterministic: Deterministic; readonly lags: number },
): Result<AdfTest> {
  const regression = adfRegression(series, options);
  return regression.ok ? judged(regression.value, options.deterministic) : regression;
}

function judged(regression: AdfRegression, deterministic: Deterministic): Result<AdfTest> {
  const pValue = mackinnonPValue(regression.statistic, deterministic);
  if (!pValue.ok) return pValue;
  const critical = mackinnonCriticalValues(deterministic, 1, regression.observations);
  if (!critical.ok) return critical;
  return check.result({ ...regression, pValue: pValue.value, criticalValues: critical.value });
}

/**
 * The same with the lag chosen by −2 log L + k·{2, ln n} on the common sample of n − 1 − `maximumLag`
 * rows, k counting every regressor; the chosen lag is estimated again on its own full sample.
 */
export function adfTestAutomatic(
  series: Series,
  options: {
    readonly deterministic: Deterministic;
    readonly maximumLag: number;
    readonly criterion: LagCriterion;
  },
): Result<AutomaticAdfTest> {
  const { deterministic, maximumLag, criterion } = options;
  const fault = adfFault(series, { deterministic, lags: maximumLag });
  if (fault !== undefined) return fail(fault);
  let best = { lags: 0, value: Number.POSITIVE_INFINITY };
  for (let lags = 0; lags <= maximumLag; lags++) {
    const design = adfDesign(series, { deterministic, lags, skip: maximumLag });
    const solved = leastSquares(design.columns, design.target);
    if (!solved.ok) return solved;
    const n = design.target.length;
    const logLikelihood =
      -(n / 2) * (Math.log(2 * Math.PI) + Math.log(solved.value.residualSumOfSquares / n) + 1);
    const penalty = criterion === 'AIC' ? 2 : Math.log(n);
    const value = -2 * logLikelihood + penalty * design.columns.length;
    if (value < best.value) best = { lags, value };
  }
  const chosen = adfTest(series, { deterministic, lags: best.lags });
  return chosen.ok ? check.result({ ...chosen.value, informationCriterion: best.value }) : chosen;
}

export function adfRegression(
  series: Series,
  options: { readonly deterministic: Deterministic; readonly lags: number },
): Result<AdfRegression> {
  const fault = adfFault(series, options);
  if (fault !== undefined) return fail(fault);
  const design = adfDesign(series, { ...options, skip: options.lags });
  const solved = leastSquares(design.columns, design.target);
  if (!solved.ok) return solved;
  const rows = design.target.length;
  const { residualSumOfSquares, inverseCross, coefficients } = solved.value;
  const variance = residualSumOfSquares / (rows - design.columns.length);
  const standardError = Math.sqrt(variance * inverseCross[0]!);
  const exact = check.number(standardError, 'residual standard error', { above: 0 });
  if (exact !== undefined) return fail(exact);
  return check.result({
    statistic: coefficients[0]! / standardError,
    coefficient: coefficients[0]!,
    standardError,
    observations: rows,
    lags: options.lags,
  });
}

function adfFault(
  series: Series,
  options: { readonly deterministic: Deterministic; readonly lags: number },
) {
  const lagFault = check.number(options.lags, 'lags', { atLeast: 0, integer: true });
  if (lagFault !== undefined) return lagFault;
  const terms = options.deterministic.length - (options.deterministic === 'n' ? 1 : 0);
  // Rows n − 1 − lags must exceed the 1 + lags + terms regressors.
  const minimumLength = 2 * options.lags + terms + 4;
  const fault = check.series(series, 'series', { minimumLength, varying: true });
  if (fault !== undefined) return fault;
  const step = series[1]! - series[0]!;
  for (let t = 2; t < series.length; t++) {
    if (series[t]! - series[t - 1]! !== step) return undefined;
  }
  return argumentFault(STATS_ERRORS.CONSTANT, 'series', {
    expected: 'differences that vary',
    received: `a constant step of ${step}`,
  });
}

function adfDesign(
  series: Series,
  options: { readonly deterministic: Deterministic; readonly lags: number; readonly skip: number },
): { columns: Float64Array[]; target: Float64Array } {
  const { deterministic, lags, skip } = options;
  const rows = series.length - 1 - skip;
  const difference = (t: number): number => series[t]! - series[t - 1]!;
  const column = (value: (t: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => value(i + skip + 1));
  const columns = [column((t) => series[t - 1]!)];
  for (let lag = 1; lag <= lags; lag++) columns.push(column((t) => difference(t - lag)));
  if (deterministic !== 'n') columns.push(onesColumn(rows));
  if (deterministic === 'ct') columns.push(column((t) => t - skip));
  return { columns, target: column(difference) };
}
