import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { faultOfFields, faultOutside } from './errors.ts';

/**
 * Heston's variance process dv = κ(θ − v)dt + σ√v dW₂ under dS/S = (r−q)dt + √v dW₁, d⟨W₁,W₂⟩ = ρdt,
 * with Merton's jumps where given (Bates): relative jumps e^J − 1 at rate λ, J normal.
 */
export interface HestonParameters {
  /** Variance today, v₀ ≥ 0 (0.04 = 20 % volatility). */
  readonly variance: number;
  /** κ > 0, per year. */
  readonly meanReversion: number;
  /** θ ≥ 0. */
  readonly longRunVariance: number;
  /** σ ≥ 0, volatility of variance. */
  readonly volatilityOfVariance: number;
  /** ρ in [−1, 1]. */
  readonly correlation: number;
  readonly jumps?: JumpParameters;
}

/** Lognormal jumps: J ~ N(logMean, logDeviation²) at `intensity` jumps per year. */
export interface JumpParameters {
  readonly intensity: number;
  /** Mean of the LOG jump; for a mean relative jump k use ln(1+k) − δ²/2. */
  readonly logMean: number;
  readonly logDeviation: number;
}

const RULES = {
  variance: 'non-negative',
  meanReversion: 'positive',
  longRunVariance: 'non-negative',
  volatilityOfVariance: 'non-negative',
} as const;

const JUMP_RULES = {
  intensity: 'non-negative',
  logMean: 'finite',
  logDeviation: 'non-negative',
} as const;

export function faultOfHeston(parameters: HestonParameters): Fault | undefined {
  return (
    faultOfFields(parameters, RULES) ??
    faultOutside(parameters.correlation, [-1, 1], 'correlation') ??
    (parameters.jumps && faultOfFields(parameters.jumps, JUMP_RULES))
  );
}

/** Where the kernel leaves its result: ln φ(u) and ∂ ln φ/∂v₀, complex. */
export interface LogCharacteristic {
  real: number;
  imaginary: number;
  /** D(u), the coefficient of v₀. */
  varianceReal: number;
  varianceImaginary: number;
  /** ∂ ln φ/∂T. */
  timeReal: number;
  timeImaginary: number;
}

export function logCharacteristic(): LogCharacteristic {
  return {
    real: 0,
    imaginary: 0,
    varianceReal: 0,
    varianceImaginary: 0,
    timeReal: 0,
    timeImaginary: 0,
  };
}

/** An argument u = real + i·imaginary. */
export interface ComplexArgument {
  readonly real: number;
  readonly imaginary: number;
}

/**
 * ln φ(u) = ln E exp(iuX), X = ln(S_T/F), in the form that stays on one branch of the logarithm
 * ("little Heston trap"), with (β−d)/σ² written as −(u²+iu)/(β+d), so that σ → 0 loses nothing.
 *
 * Source: Albrecher, Mayer, Schoutens, Tistaert, "The little Heston trap", Wilmott (2007) 83-92;
 * Bates (1996) for the jump factor.
 */
export function hestonLogCharacteristic(
  parameters: HestonParameters,
  timeYears: number,
  u: ComplexArgument,
  out: LogCharacteristic,
): void {
  const { variance, meanReversion, longRunVariance, volatilityOfVariance } = parameters;
  const [x, y] = [u.real, u.imaginary];
  const skew = parameters.correlation * volatilityOfVariance;
  const square = volatilityOfVariance * volatilityOfVariance;
  // β = κ − iρσu, m = u² + iu, d = √(β² + σ²m).
  const betaRe = meanReversion + skew * y;
  const betaIm = -skew * x;
  const mRe = x * x - y * y - y;
  const mIm = 2 * x * y + x;
  const dsRe = betaRe * betaRe - betaIm * betaIm + square * mRe;
  const dsIm = 2 * betaRe * betaIm + square * mIm;
  const modulus = Math.hypot(dsRe, dsIm);
  // The principal root, free of cancellation in either part.
  let dRe = Math.sqrt(0.5 * (modulus + Math.abs(dsRe)));
  let dIm = dRe === 0 ? 0 : (0.5 * Math.abs(dsIm)) / dRe;
  if (dsRe < 0) [dRe, dIm] = [dIm, dRe];
  if (dsIm < 0) dIm = -dIm;
  const sumRe = betaRe + dRe;
  const sumIm = betaIm + dIm;
  const sumNorm = sumRe * sumRe + sumIm * sumIm;
  // r = (β−d)/σ² = −m/(β+d); g/σ² = −m/(β+d)².
  const rRe = -(mRe * sumRe + mIm * sumIm) / sumNorm;
  const rIm = -(mIm * sumRe - mRe * sumIm) / sumNorm;
  const gRe = (rRe * sumRe + rIm * sumIm) / sumNorm;
  const gIm = (rIm * sumRe - rRe * sumIm) / sumNorm;
  const decay = Math.exp(-dRe * timeYears);
  const eRe = decay * Math.cos(dIm * timeYears);
  const eIm = -decay * Math.sin(dIm * timeYears);
  // D = r(1−e)/(1−ge).
  const lowRe = 1 - square * (gRe * eRe - gIm * eIm);
  const lowIm = -square * (gRe * eIm + gIm * eRe);
  const lowNorm = lowRe * lowRe + lowIm * lowIm;
  const topRe = rRe * (1 - eRe) + rIm * eIm;
  const topIm = rIm * (1 - eRe) - rRe * eIm;
  const dCoefficientRe = (topRe * lowRe + topIm * lowIm) / lowNorm;
  const dCoefficientIm = (topIm * lowRe - topRe * lowIm) / lowNorm;
  // ln[(1−ge)/(1−g)]/σ² = ln(1 + σ²z)/σ², z = (g/σ²)(1−e)/(1−g).
  const oneRe = 1 - square * gRe;
  const oneIm = -square * gIm;
  const oneNorm = oneRe * oneRe + oneIm * oneIm;
  const hRe = gRe * (1 - eRe) + gIm * eIm;
  const hIm = gIm * (1 - eRe) - gRe * eIm;
  const zRe = (hRe * oneRe + hIm * oneIm) / oneNorm;
  const zIm = (hIm * oneRe - hRe * oneIm) / oneNorm;
  const wRe = square * zRe;
  const wIm = square * zIm;
  let logRe = zRe;
  let logIm = zIm;
  if (Math.abs(wRe) + Math.abs(wIm) > 1e-9) {
    logRe = (0.5 * Math.log1p(2 * wRe + wRe * wRe + wIm * wIm)) / square;
    logIm = Math.atan2(wIm, 1 + wRe) / square;
  }
  const pull = meanReversion * longRunVariance;
  out.real = pull * (rRe * timeYears - 2 * logRe) + variance * dCoefficientRe;
  out.imaginary = pull * (rIm * timeYears - 2 * logIm) + variance * dCoefficientIm;
  out.varianceReal = dCoefficientRe;
  out.varianceImaginary = dCoefficientIm;
  // Riccati's equation: D′ = −m/2 − βD + σ²D²/2, and C′ = κθD.
  const squareRe = dCoefficientRe * dCoefficientRe - dCoefficientIm * dCoefficientIm;
  const slopeRe =
    -0.5 * mRe - (betaRe * dCoefficientRe - betaIm * dCoefficientIm) + 0.5 * square * squareRe;
  const slopeIm =
    -0.5 * mIm -
    (betaRe * dCoefficientIm + betaIm * dCoefficientRe) +
    square * dCoefficientRe * dCoefficientIm;
  out.timeReal = pull * dCoefficientRe + variance * slopeRe;
  out.timeImaginary = pull * dCoefficientIm + variance * slopeIm;
  if (parameters.jumps !== undefined) addJumps(parameters.jumps, timeYears, u, out);
}

/** Adds λT(e^{iuμ − δ²u²/2} − 1 − iu·k̄), k̄ = e^{μ+δ²/2} − 1. */
export function addJumps(
  jumps: JumpParameters,
  timeYears: number,
  u: ComplexArgument,
  out: LogCharacteristic,
): void {
  const [x, y] = [u.real, u.imaginary];
  const { intensity, logMean, logDeviation } = jumps;
  const half = 0.5 * logDeviation * logDeviation;
  const growth = Math.exp(-y * logMean - half * (x * x - y * y));
  const angle = x * logMean - 2 * half * x * y;
  const drift = Math.expm1(logMean + half);
  const real = intensity * (growth * Math.cos(angle) - 1 + y * drift);
  const imaginary = intensity * (growth * Math.sin(angle) - x * drift);
  out.real += real * timeYears;
  out.imaginary += imaginary * timeYears;
  out.timeReal += real;
  out.timeImaginary += imaginary;
}

/**
 * ln E exp(sX) for real s; +Infinity from the moment explosion on (Andersen-Piterbarg 2007).
 */
export function hestonLogMoment(
  parameters: HestonParameters,
  timeYears: number,
  s: number,
): number {
  const { variance, meanReversion, longRunVariance, volatilityOfVariance } = parameters;
  const square = volatilityOfVariance * volatilityOfVariance;
  const beta = meanReversion - parameters.correlation * volatilityOfVariance * s;
  const quadratic = s * s - s;
  const discriminant = beta * beta - square * quadratic;
  const pull = meanReversion * longRunVariance;
  let value: number;
  if (square < 1e-12) {
    const share = -Math.expm1(-meanReversion * timeYears) / meanReversion;
    const integrated = longRunVariance * timeYears + (variance - longRunVariance) * share;
    value = 0.5 * quadratic * integrated;
  } else if (discriminant >= 0) {
    const d = Math.sqrt(discriminant);
    const decay = Math.exp(-d * timeYears);
    const low = beta + d - (beta - d) * decay;
    if (!(low > 0)) return Number.POSITIVE_INFINITY;
    // (1−e)/d and its limit T where d vanishes.
    const coefficient = (quadratic * (1 - decay)) / low;
    const log = d * timeYears < 1e-8 ? Math.log1p(0.5 * beta * timeYears) : Math.log(low / (2 * d));
    value = (pull / square) * ((beta - d) * timeYears - 2 * log) + variance * coefficient;
    if (d * timeYears < 1e-8) {
      value =
        (pull / square) * (beta * timeYears - 2 * log) +
        (variance * quadratic * timeYears) / (2 + beta * timeYears);
      if (!(2 + beta * timeYears > 0)) return Number.POSITIVE_INFINITY;
    }
  } else {
    const omega = Math.sqrt(-discriminant);
    const phase = 0.5 * omega * timeYears;
    const explosion = beta > 0 ? Math.PI - Math.atan(omega / beta) : Math.atan2(omega, -beta);
    if (phase >= explosion) return Number.POSITIVE_INFINITY;
    const low = omega * Math.cos(phase) + beta * Math.sin(phase);
    value =
      (pull / square) * (beta * timeYears - 2 * Math.log(low / omega)) +
      (variance * quadratic * Math.sin(phase)) / low;
  }
  const { jumps } = parameters;
  if (jumps === undefined) return value;
  const half = 0.5 * jumps.logDeviation * jumps.logDeviation;
  const jump = Math.expm1(s * jumps.logMean + half * s * s) - s * Math.expm1(jumps.logMean + half);
  return value + jumps.intensity * timeYears * jump;
}

/** φ(u) itself for a complex u; the model and the time are checked, an overflow is refused. */
export function hestonCharacteristic(
  parameters: HestonParameters,
  timeYears: number,
  u: ComplexArgument,
): Result<ComplexArgument> {
  const fault =
    faultOfHeston(parameters) ??
    faultOfFields({ timeYears, ...u }, { timeYears: 'time', real: 'finite', imaginary: 'finite' });
  if (fault !== undefined) return fail(fault);
  const out = logCharacteristic();
  hestonLogCharacteristic(parameters, timeYears, u, out);
  const modulus = Math.exp(out.real);
  const real = modulus * Math.cos(out.imaginary);
  const imaginary = modulus * Math.sin(out.imaginary);
  const range = faultOfFields({ real, imaginary }, { real: 'finite', imaginary: 'finite' });
  return range === undefined ? ok({ real, imaginary }) : fail(range);
}
