import { type SviRaw, sviPoint, type VariancePoint } from './svi.ts';

/**
 * Total variance of one expiry: raw SVI plus local corrections
 * w(k) = svi(k) + Σ hⱼ·B((k − cⱼ)/sⱼ), B(z) = (1+z²)^{−3/2} (the shape of SVI's own curvature).
 * Corrections fall off as |k|⁻³, so that wings, their slopes and Lee's bounds are those of the SVI part.
 * Without corrections the slice is raw SVI.
 */
export interface SmileSlice {
  readonly timeYears: number;
  readonly svi: SviRaw;
  /** Centres cⱼ, widths sⱼ and heights hⱼ of the corrections, all of one length. */
  readonly centres: Float64Array;
  readonly widths: Float64Array;
  readonly heights: Float64Array;
}

const NONE = new Float64Array(0);

export function sviSlice(timeYears: number, svi: SviRaw): SmileSlice {
  return { timeYears, svi, centres: NONE, widths: NONE, heights: NONE };
}

export function sliceVariance(slice: SmileSlice, k: number): number {
  const { svi, centres, widths, heights } = slice;
  const x = k - svi.m;
  let w = svi.a + svi.b * (svi.rho * x + Math.sqrt(x * x + svi.sigma * svi.sigma));
  for (let j = 0; j < centres.length; j++) {
    const z = (k - centres[j]!) / widths[j]!;
    const q = 1 + z * z;
    w += heights[j]! / (q * Math.sqrt(q));
  }
  return w;
}

/** Writes w and its first three derivatives in k. */
export function slicePoint(slice: SmileSlice, k: number, out: VariancePoint): VariancePoint {
  const { svi, centres, widths, heights } = slice;
  sviPoint(svi, k, out);
  for (let j = 0; j < centres.length; j++) {
    const s = widths[j]!;
    const z = (k - centres[j]!) / s;
    const q = 1 / (1 + z * z);
    const base = heights[j]! * q * Math.sqrt(q);
    out.w += base;
    out.slope -= (3 * z * q * base) / s;
    out.curvature += ((12 * z * z - 3) * q * q * base) / (s * s);
    out.third -= (15 * z * (4 * z * z - 3) * q * q * q * base) / (s * s * s);
  }
  return out;
}

/** Asymptotic slopes of the left and right wing, b(1−ρ) and b(1+ρ). */
export function wingSlopes({ svi }: SmileSlice): { readonly left: number; readonly right: number } {
  return { left: svi.b * (1 - svi.rho), right: svi.b * (1 + svi.rho) };
}
