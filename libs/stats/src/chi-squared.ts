import { invariant } from '@cerberus/core';
import betainc from '@stdlib/math-base-special-betainc';
import quantile from '@stdlib/stats-base-dists-chisquare-quantile';
import { gammaP, gammaQ } from './gamma.ts';

/** P(X ≤ x) of a chi-squared variable with k > 0 degrees of freedom. */
export function chiSquaredCdf(x: number, degrees: number): number {
  invariant(degrees > 0, 'degrees of freedom are positive');
  return x <= 0 ? 0 : gammaP(degrees / 2, x / 2);
}

/** P(X > x), the p-value of a likelihood ratio; digits kept in the far tail. */
export function chiSquaredSf(x: number, degrees: number): number {
  invariant(degrees > 0, 'degrees of freedom are positive');
  return x <= 0 ? 1 : gammaQ(degrees / 2, x / 2);
}

/** x with P(X ≤ x) = p, 0 < p < 1. */
export function chiSquaredQuantile(p: number, degrees: number): number {
  invariant(degrees > 0, 'degrees of freedom are positive');
  invariant(p > 0 && p < 1, 'a quantile is asked for inside (0, 1)');
  return quantile(p, degrees);
}

/** P(F > x) of Fisher's F with d₁ and d₂ degrees of freedom. */
export function fisherSf(x: number, numerator: number, denominator: number): number {
  invariant(numerator > 0 && denominator > 0, 'degrees of freedom are positive');
  if (x <= 0) return 1;
  return betainc(denominator / (denominator + numerator * x), denominator / 2, numerator / 2);
}

/** P(X ≤ k) of a binomial variable, n trials with chance p in (0, 1), by the incomplete beta. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return betainc(1 - p, n - k, k + 1);
}

/** P(X ≥ k) of the same. */
export function binomialSfInclusive(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return betainc(p, k, n - k + 1);
}
