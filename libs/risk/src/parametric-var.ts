import { fail, type Result } from '@cerberus/core';
import {
  argumentFault,
  normalPdf,
  normalQuantile,
  studentTPdf,
  studentTQuantile,
  tailProbability,
} from '@cerberus/stats';
import { check, confidenceFault, RISK_ERRORS } from './errors.ts';
import type { TailRisk } from './tail-risk.ts';

export interface StudentTail extends TailRisk {
  /** t_ν⁻¹(confidence). */
  readonly quantile: number;
}

/**
 * What `spread` means: the scale parameter of the t law as it is, or the standard deviation of the
 * P&L, whose scale is then smaller by √((ν−2)/ν).
 */
export type StudentSpread = 'scale' | 'standard-deviation';

/**
 * Student-t law: VaR = s·q − mean, ES = s·f(q)/(1−c)·(ν+q²)/(ν−1) − mean, q = t_ν⁻¹(c) (McNeil, Frey and
 * Embrechts, 2nd ed., ex. 2.15). ν > 2, so that the standard deviation exists.
 */
export function studentTail(inputs: {
  readonly confidence: number;
  readonly nu: number;
  readonly mean: number;
  readonly spread: number;
  readonly spreadIs: StudentSpread;
}): Result<StudentTail> {
  const { confidence, nu, mean, spread, spreadIs } = inputs;
  const fault =
    confidenceFault(confidence) ??
    check.degreesOfFreedom(nu, 'nu') ??
    check.number(mean, 'mean') ??
    check.number(spread, 'spread', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  const p = tailProbability(confidence);
  const quantile = 0 - studentTQuantile(p, nu);
  const scale = spreadIs === 'scale' ? spread : spread * Math.sqrt((nu - 2) / nu);
  const multiple = ((studentTPdf(quantile, nu) / p) * (nu + quantile * quantile)) / (nu - 1);
  return check.result({
    quantile,
    valueAtRisk: scale * quantile - mean,
    expectedShortfall: scale * multiple - mean,
  });
}

export interface CornishFisherTail extends TailRisk {
  /** The transformed quantile; VaR = −(mean + sd·zCf). */
  readonly zCf: number;
  /** ES by the Edgeworth expansion at zCf (Boudt, Peterson and Croux, J. Risk 11 (2008) 79–103). */
  readonly edgeworthShortfall: number;
  /** False where the transform is not increasing everywhere: it is then no quantile function. */
  readonly isMonotone: boolean;
}

export interface CornishFisherInputs {
  readonly confidence: number;
  readonly mean: number;
  readonly sd: number;
  readonly skewness: number;
  /** Kurtosis less 3. */
  readonly excessKurtosis: number;
}

/**
 * Fourth-moment Cornish-Fisher: z_cf = z + (z²−1)S/6 + (z³−3z)K/24 − (2z³−5z)S²/36, z = N⁻¹(1 − c); ES is
 * the mean of the transform over the tail, φ(z)/p·(1 + Sz/6 + K(z²−1)/24 − S²(2z²−1)/36). Reported
 * with `isMonotone`; see `cornishFisherTail` for the one that refuses.
 */
export function cornishFisherExpansion(inputs: CornishFisherInputs): Result<CornishFisherTail> {
  const { confidence, mean, sd, skewness: s, excessKurtosis: k } = inputs;
  const fault =
    confidenceFault(confidence) ??
    check.number(mean, 'mean') ??
    check.number(sd, 'sd', { atLeast: 0 }) ??
    check.number(s, 'skewness') ??
    check.number(k, 'excessKurtosis');
  if (fault !== undefined) return fail(fault);
  const p = tailProbability(confidence);
  const z = normalQuantile(p);
  const z2 = z * z;
  const zCf = z + ((z2 - 1) * s) / 6 + (z * (z2 - 3) * k) / 24 - (z * (2 * z2 - 5) * s * s) / 36;
  const multiple =
    (normalPdf(z) / p) * (1 + (s * z) / 6 + (k * (z2 - 1)) / 24 - (s * s * (2 * z2 - 1)) / 36);
  return check.result({
    zCf,
    valueAtRisk: 0 - (mean + sd * zCf),
    expectedShortfall: sd * multiple - mean,
    edgeworthShortfall: sd * edgeworthMultiple(zCf, p, s, k) - mean,
    isMonotone: cornishFisherIsMonotone(s, k),
  });
}

/** The same, refused where the transform is not a quantile function or the tail is no loss tail. */
export function cornishFisherTail(inputs: CornishFisherInputs): Result<CornishFisherTail> {
  const expansion = cornishFisherExpansion(inputs);
  if (!expansion.ok || expansion.value.isMonotone) return expansion;
  return fail(
    argumentFault(RISK_ERRORS.NOT_MONOTONE, 'skewness', {
      expected: 'skewness and excess kurtosis inside the domain of the expansion',
      received: `skewness ${inputs.skewness}, excess kurtosis ${inputs.excessKurtosis}`,
    }),
  );
}

/**
 * True where z ↦ z_cf increases on the whole line: its derivative a z² + b z + c, a = K/8 − S²/6,
 * b = S/3, c = 1 − K/8 + 5S²/36, is nowhere negative (Maillard, "A user's guide to the Cornish-Fisher
 * expansion", 2012, §3).
 */
export function cornishFisherIsMonotone(skewness: number, excessKurtosis: number): boolean {
  const s2 = skewness * skewness;
  const a = excessKurtosis / 8 - s2 / 6;
  const c = 1 - excessKurtosis / 8 + (5 * s2) / 36;
  if (a === 0) return skewness === 0 && c >= 0;
  return a > 0 && s2 / 9 - 4 * a * c <= 0;
}

/**
 * −E[X; X < g]/p of the second-order Edgeworth density φ(1 + S/6 He₃ + K/24 He₄ + S²/72 He₆) (Boudt et al.
 * 2008, eq. 14, whose incomplete moments collapse to these polynomials).
 */
function edgeworthMultiple(g: number, p: number, s: number, k: number): number {
  const g2 = g * g;
  const g4 = g2 * g2;
  const third = (s * g2 * g) / 6;
  const fourth = (k * (g4 - 2 * g2 - 1)) / 24;
  const sixth = (s * s * (g4 * g2 - 9 * g4 + 9 * g2 + 3)) / 72;
  return (normalPdf(g) / p) * (1 + third + fourth + sixth);
}
