import { type Fault, fail, type Result } from '@cerberus/core';
import { dot, multiplyVector, type Series, type SquareMatrix, symmetric } from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { normalMultiples } from './delta-normal.ts';
import { check, confidenceFault } from './errors.ts';
import { cornishFisherExpansion } from './parametric-var.ts';

export interface DeltaGammaInputs {
  /** ∂V/∂xᵢ per unit of the factor's move. */
  readonly delta: Series;
  /** ∂²V/∂xᵢ∂xⱼ. */
  readonly gamma: SquareMatrix;
  /** Of the factor moves over the horizon. */
  readonly covariance: SquareMatrix;
  readonly confidence: number;
}

export interface DeltaGammaRisk {
  /** First four cumulants of δᵀx + ½xᵀΓx. */
  readonly cumulants: readonly [number, number, number, number];
  readonly skewness: number;
  readonly excessKurtosis: number;
  /** z·√(δᵀCδ), the quadratic term left out. */
  readonly deltaNormalVar: number;
  /** −(κ₁ + z_cf√κ₂). */
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
  /** False where the expansion is outside its domain for these moments: do not use it then. */
  readonly isMonotone: boolean;
}

/**
 * Delta-gamma value at risk of V = δᵀx + ½xᵀΓx, x ~ N(0, C), by its exact cumulants
 * κ₁ = ½tr(ΓC), κ₂ = δᵀCδ + ½tr((ΓC)²), κ₃ = 3δᵀCΓCδ + tr((ΓC)³), κ₄ = 12δᵀC(ΓC)²δ + 3tr((ΓC)⁴) and the
 * Cornish-Fisher quantile (Jaschke, J. Risk 4 (2002) 33–52, §2).
 */
export function deltaGammaVar(inputs: DeltaGammaInputs): Result<DeltaGammaRisk> {
  const { delta, gamma, covariance, confidence } = inputs;
  const fault = inputsFault(inputs);
  if (fault !== undefined) return fail(fault);
  const product = matrixProduct(gamma, covariance);
  const second = matrixProduct(product, product);
  const spread = multiplyVector(covariance, delta);
  const bent = multiplyVector(gamma, spread);
  const twice = multiplyVector(gamma, multiplyVector(covariance, bent));
  const linear = dot(delta, spread);
  const k1 = trace(product) / 2;
  const k2 = linear + trace(second) / 2;
  const k3 = 3 * dot(spread, bent) + trace(matrixProduct(second, product));
  const k4 = 12 * dot(spread, twice) + 3 * trace(matrixProduct(second, second));
  const varies = check.number(k2, 'variance of the P&L', { above: 0 });
  if (varies !== undefined) return fail(varies);
  const skewness = k3 / k2 ** 1.5;
  const excessKurtosis = k4 / (k2 * k2);
  const tail = cornishFisherExpansion({
    confidence,
    mean: k1,
    sd: Math.sqrt(k2),
    skewness,
    excessKurtosis,
  });
  if (!tail.ok) return tail;
  return check.result({
    cumulants: [k1, k2, k3, k4],
    skewness,
    excessKurtosis,
    deltaNormalVar: normalMultiples(confidence).z * Math.sqrt(linear),
    valueAtRisk: tail.value.valueAtRisk,
    expectedShortfall: tail.value.expectedShortfall,
    isMonotone: tail.value.isMonotone,
  });
}

function inputsFault(inputs: DeltaGammaInputs): Fault | undefined {
  const { delta, gamma, covariance, confidence } = inputs;
  const size = covariance.size;
  return (
    confidenceFault(confidence) ??
    check.series(delta, 'delta') ??
    check.length(delta, 'delta', size) ??
    check.series(gamma.data, 'gamma') ??
    check.length(gamma.data, 'gamma', size * size) ??
    positiveDefinite(covariance, 'covariance')
  );
}

/** Product of two square matrices, in general not symmetric. */
function matrixProduct(a: SquareMatrix, b: SquareMatrix): SquareMatrix {
  const { size } = a;
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const left = a.data[i * size + k]!;
      for (let j = 0; j < size; j++) data[i * size + j]! += left * b.data[k * size + j]!;
    }
  }
  return { size, data };
}

function trace({ size, data }: SquareMatrix): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += data[i * size + i]!;
  return sum;
}

/** A matrix with the given diagonal. */
export function diagonalMatrix(diagonal: Series): SquareMatrix {
  return symmetric(diagonal.length, (i, j) => (i === j ? diagonal[i]! : 0));
}
