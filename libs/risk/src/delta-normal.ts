import { fail, type Result } from '@cerberus/core';
import {
  dot,
  multiplyVector,
  normalPdf,
  normalQuantile,
  type Series,
  type SquareMatrix,
  tailProbability,
} from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { check, confidenceFault } from './errors.ts';
import type { TailRisk } from './tail-risk.ts';

/** Normal law of a P&L: VaR = −(mean + sd·N⁻¹(p)), ES = sd·φ(z)/p − mean, p = 1 − confidence. */
export function normalTail(confidence: number, mean: number, sd: number): Result<TailRisk> {
  const fault =
    confidenceFault(confidence) ??
    check.number(mean, 'mean') ??
    check.number(sd, 'sd', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  const { z, shortfall } = normalMultiples(confidence);
  return check.result({ valueAtRisk: z * sd - mean, expectedShortfall: shortfall * sd - mean });
}

/** VaR and ES of a standard normal loss. */
export function normalMultiples(confidence: number): { z: number; shortfall: number } {
  const p = tailProbability(confidence);
  const z = 0 - normalQuantile(p);
  return { z, shortfall: normalPdf(z) / p };
}

export interface DeltaNormalRisk extends TailRisk {
  readonly sd: number;
  /** ∂VaR/∂exposureᵢ. */
  readonly marginalVar: Float64Array;
  /** exposureᵢ · marginal VaRᵢ; they add up to the value at risk. */
  readonly componentVar: Float64Array;
  readonly componentShortfall: Float64Array;
  /** VaR of the whole less VaR without position i. */
  readonly incrementalVar: Float64Array;
  /** Sum of the stand-alone values at risk. */
  readonly undiversifiedVar: number;
}

/**
 * Delta-normal value at risk: P&L = xᵀR, R ~ N(0, C) over the horizon; x exposures in currency per
 * unit of the factor's return, C the covariance of returns over the same horizon. VaR = z·√(xᵀCx),
 * marginal_i = z·(Cx)_i/sd (Jorion, Value at Risk, 3rd ed., ch. 7). A portfolio without variance has
 * zero risk and zero marginals.
 */
export function deltaNormalVar(
  exposures: Series,
  covariance: SquareMatrix,
  confidence: number,
): Result<DeltaNormalRisk> {
  const { size, data } = covariance;
  const fault =
    confidenceFault(confidence) ??
    check.series(exposures, 'exposures') ??
    check.length(exposures, 'exposures', size) ??
    positiveDefinite(covariance, 'covariance');
  if (fault !== undefined) return fail(fault);
  const { z, shortfall } = normalMultiples(confidence);
  const image = multiplyVector(covariance, exposures);
  const variance = dot(exposures, image);
  const sd = Math.sqrt(Math.max(variance, 0));
  const marginalVar = image.map((c) => (sd === 0 ? 0 : (z * c) / sd));
  const componentVar = marginalVar.map((m, i) => m * exposures[i]!);
  const incrementalVar = image.map((c, i) => {
    const x = exposures[i]!;
    const without = variance - 2 * x * c + x * x * data[i * size + i]!;
    return z * (sd - Math.sqrt(Math.max(without, 0)));
  });
  let undiversified = 0;
  for (let i = 0; i < size; i++) {
    undiversified += z * Math.abs(exposures[i]!) * Math.sqrt(data[i * size + i]!);
  }
  return check.result({
    sd,
    valueAtRisk: z * sd,
    expectedShortfall: shortfall * sd,
    marginalVar,
    componentVar,
    componentShortfall: componentVar.map((c) => (c / z) * shortfall),
    incrementalVar,
    undiversifiedVar: undiversified,
  });
}
