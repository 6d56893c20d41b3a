import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { faultOfNumbers, faultOfPositive, faultOutside } from './errors.ts';
import type { SviRaw } from './svi.ts';

/**
 * One slice of SSVI: w = θ/2·{1 + ρφk + √((φk+ρ)² + 1 − ρ²)}, θ the total variance at the money
 * (Gatheral and Jacquier 2014, §4). With ρ per slice it is eSSVI (Hendriks and Martini, "The extended
 * SSVI volatility surface", J. Computational Finance 22 (2019) 25–39).
 */
export interface SsviSlice {
  readonly theta: number;
  readonly rho: number;
  readonly phi: number;
}

export function faultOfSsvi({ theta, rho, phi }: SsviSlice): Fault | undefined {
  return (
    faultOfPositive(theta, 'theta') ??
    faultOutside(rho, [-1, 1], 'rho') ??
    faultOfNumbers({ phi }) ??
    faultOutside(phi, [0, Number.MAX_VALUE], 'phi')
  );
}

/** The raw slice that an SSVI slice is: b = θφ/2, m = −ρ/φ, σ = √(1−ρ²)/φ, a = θ(1−ρ²)/2. */
export function rawFromSsvi(slice: SsviSlice): Result<SviRaw> {
  const fault = faultOfSsvi(slice) ?? faultOfPositive(slice.phi, 'phi');
  if (fault !== undefined) return fail(fault);
  const { theta, rho, phi } = slice;
  const co2 = 1 - rho * rho;
  return ok({
    a: 0.5 * theta * co2,
    b: 0.5 * theta * phi,
    rho,
    m: -rho / phi,
    sigma: Math.sqrt(co2) / phi,
  });
}

export interface SsviConditions {
  /** θφ(1+|ρ|). */
  readonly wing: number;
  /** θφ²(1+|ρ|). */
  readonly centre: number;
  /** θφ(1+|ρ|) < 4 and θφ²(1+|ρ|) ≤ 4: no butterfly arbitrage (ibid. Theorem 4.2). */
  readonly isSufficient: boolean;
  /** θφ(1+|ρ|) ≤ 4, without which there is butterfly arbitrage (ibid. Lemma 4.2). */
  readonly isNecessary: boolean;
}

export function ssviConditions({ theta, rho, phi }: SsviSlice): SsviConditions {
  const wing = theta * phi * (1 + Math.abs(rho));
  const centre = wing * phi;
  return { wing, centre, isSufficient: wing < 4 && centre <= 4, isNecessary: wing <= 4 };
}

/**
 * Calendar order of two eSSVI slices, ψ = θφ: θ₂ ≥ θ₁, ψ₂ ≥ ψ₁ and |ρ₂ψ₂ − ρ₁ψ₁| ≤ ψ₂ − ψ₁ are
 * necessary; with φ₂ ≤ φ₁ they are also sufficient (Hendriks and Martini 2019, Propositions 3.1, 3.5).
 */
export function areEssviOrdered(first: SsviSlice, second: SsviSlice): boolean {
  const [psi1, psi2] = [first.theta * first.phi, second.theta * second.phi];
  return (
    second.theta >= first.theta &&
    psi2 >= psi1 &&
    Math.abs(second.rho * psi2 - first.rho * psi1) <= psi2 - psi1 &&
    second.phi <= first.phi
  );
}
