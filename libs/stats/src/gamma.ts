import gammainc from '@stdlib/math-base-special-gammainc';
import gammaln from '@stdlib/math-base-special-gammaln';

/** ln Γ(x), x > 0. */
export function logGamma(x: number): number {
  return gammaln(x);
}

/**
 * ψ(x) = d ln Γ/dx for x > 0, absolute error below 1e-14 · max(1, |ψ|): recurrence up to 10, then
 * the asymptotic series (Abramowitz and Stegun 6.3.5 and 6.3.18).
 */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift -= 1 / y;
    y += 1;
  }
  const z = 1 / (y * y);
  const series =
    z *
    (1 / 12 -
      z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12))))));
  return shift + Math.log(y) - 0.5 / y - series;
}

/** Regularised lower incomplete gamma P(a, x). */
export function gammaP(a: number, x: number): number {
  return gammainc(x, a);
}

/** Regularised upper incomplete gamma Q(a, x), digits kept in the far tail. */
export function gammaQ(a: number, x: number): number {
  return gammainc(x, a, true, true);
}
