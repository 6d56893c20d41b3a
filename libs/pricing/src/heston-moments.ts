import { fail, ok, type Result } from '@cerberus/core';
import { faultOfFields } from './errors.ts';
import { faultOfHeston, type HestonParameters } from './heston-characteristic.ts';

export interface HestonMoments {
  /** Cumulants of X = ln(S_T/F). */
  readonly cumulants: readonly [number, number, number, number];
  readonly meanVariance: number;
  readonly varianceOfVariance: number;
  /** E ∫₀ᵀ v dt. */
  readonly meanIntegratedVariance: number;
}

/** Taylor terms of a step, and the largest κ·step: 0.5²²/22! is below a double's resolution. */
const TAYLOR_ORDER = 22;
const STEP_MAX = 0.5;
const CUMULANTS = 4;

/**
 * Cumulants and variance moments of the model. The cumulant generating function C(s) + D(s)v₀ is
 * expanded in s: its Riccati equation D′ = ½(s²−s) − (κ−ρσs)D + ½σ²D² gives linear equations for the
 * coefficients, integrated by Taylor series to the last digit (the closed forms lose digits for small
 * κT, and the c₂ printed by Fang-Oosterlee (2008), Table 11, is wrong).
 */
export function hestonMoments(
  parameters: HestonParameters,
  timeYears: number,
): Result<HestonMoments> {
  const fault = faultOfHeston(parameters) ?? faultOfFields({ timeYears }, { timeYears: 'time' });
  if (fault !== undefined) return fail(fault);
  const { variance, meanReversion, longRunVariance, volatilityOfVariance } = parameters;
  const fade = Math.exp(-meanReversion * timeYears);
  const share = -Math.expm1(-meanReversion * timeYears);
  const square = volatilityOfVariance * volatilityOfVariance;
  return ok({
    cumulants: hestonCumulants(parameters, timeYears),
    meanVariance: longRunVariance * share + variance * fade,
    varianceOfVariance:
      (square / meanReversion) * (variance * fade * share + 0.5 * longRunVariance * share * share),
    meanIntegratedVariance:
      longRunVariance * timeYears + ((variance - longRunVariance) * share) / meanReversion,
  });
}

/** c₁ … c₄ of ln(S_T/F); inputs are allowed ones. */
export function hestonCumulants(
  parameters: HestonParameters,
  timeYears: number,
): [number, number, number, number] {
  const { variance, meanReversion, longRunVariance } = parameters;
  const steps = Math.max(1, Math.ceil((meanReversion * timeYears) / STEP_MAX));
  const state = new Float64Array(CUMULANTS + 1);
  const integral = new Float64Array(CUMULANTS + 1);
  for (let step = 0; step < steps; step += 1) {
    advance(parameters, timeYears / steps, state, integral);
  }
  const factorials = [1, 1, 2, 6, 24];
  const cumulant = (n: number) =>
    factorials[n]! *
    (meanReversion * longRunVariance * integral[n]! + variance * state[n]! + jumpPart(n));
  const jumpPart = (n: number): number => {
    const { jumps } = parameters;
    if (jumps === undefined) return 0;
    const [m, w] = [jumps.logMean, jumps.logDeviation * jumps.logDeviation];
    const raw = [0, m, m * m + w, m ** 3 + 3 * m * w, m ** 4 + 6 * m * m * w + 3 * w * w];
    const drift = n === 1 ? Math.expm1(m + 0.5 * w) : 0;
    return (jumps.intensity * timeYears * (raw[n]! - drift)) / factorials[n]!;
  };
  return [cumulant(1), cumulant(2), cumulant(3), cumulant(4)];
}

/** One Taylor step of D₁ … D₄ and their integrals. */
function advance(
  parameters: HestonParameters,
  step: number,
  state: Float64Array,
  integral: Float64Array,
): void {
  const { meanReversion, volatilityOfVariance, correlation } = parameters;
  const skew = correlation * volatilityOfVariance;
  const half = 0.5 * volatilityOfVariance * volatilityOfVariance;
  const source = [0, -0.5, 0.5, 0, 0];
  const width = TAYLOR_ORDER + 1;
  const series = Array.from({ length: CUMULANTS + 1 }, () => new Float64Array(width));
  for (let n = 1; n <= CUMULANTS; n += 1) series[n]![0] = state[n]!;
  for (let k = 0; k < TAYLOR_ORDER; k += 1) {
    for (let n = 1; n <= CUMULANTS; n += 1) {
      let slope = (k === 0 ? source[n]! : 0) - meanReversion * series[n]![k]!;
      slope += skew * series[n - 1]![k]!;
      for (let a = 1; a < n; a += 1) {
        let product = 0;
        for (let j = 0; j <= k; j += 1) product += series[a]![j]! * series[n - a]![k - j]!;
        slope += half * product;
      }
      series[n]![k + 1] = slope / (k + 1);
    }
  }
  for (let n = 1; n <= CUMULANTS; n += 1) {
    let value = 0;
    let area = 0;
    for (let k = TAYLOR_ORDER; k >= 0; k -= 1) {
      value = value * step + series[n]![k]!;
      area = area * step + series[n]![k]! / (k + 1);
    }
    state[n] = value;
    integral[n] = integral[n]! + area * step;
  }
}
