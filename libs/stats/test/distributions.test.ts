import {
  binomialCdf,
  chiSquaredCdf,
  chiSquaredQuantile,
  chiSquaredSf,
  digamma,
  studentTCdf,
  studentTPdf,
  studentTQuantile,
} from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

/** |computed/reference − 1|. */
function relativeError(computed: number, reference: number): number {
  return Math.abs(computed / reference - 1);
}

// References: incomplete beta and gamma functions in 30-digit arithmetic.
describe('distributions against 30-digit values', () => {
  test.each([
    [-2, 3, 0.0696629842794216],
    [-12, 4.5, 6.89159882663652e-5],
    [-0.3, 30, 0.3831230526421764],
    [-40, 2.1, 0.00023081146031478969],
  ])('t cdf at %d with %d degrees', (x, nu, reference) => {
    expect(relativeError(studentTCdf(x, nu), reference)).toBeLessThan(1e-13);
  });

  test('t quantile in the far tail, and its symmetry', () => {
    expect(relativeError(studentTQuantile(0.0001, 3.7), -14.780396445535024)).toBeLessThan(1e-13);
    expect(studentTQuantile(0.75, 5)).toBe(-studentTQuantile(0.25, 5));
    expect(studentTQuantile(0.5, 2.5)).toBe(0);
  });

  test('t density integrates to the distribution function, and nears the normal for many degrees', () => {
    const h = 1e-4;
    const slope = (studentTCdf(-1 + h, 4) - studentTCdf(-1 - h, 4)) / (2 * h);
    expect(relativeError(studentTPdf(-1, 4), slope)).toBeLessThan(1e-8);
    expect(
      relativeError(studentTPdf(1, 1e7), Math.exp(-0.5) / Math.sqrt(2 * Math.PI)),
    ).toBeLessThan(1e-6);
  });

  test('chi-squared tail and quantile', () => {
    expect(relativeError(chiSquaredSf(40, 3), 1.0655090334255861e-8)).toBeLessThan(1e-13);
    expect(relativeError(chiSquaredQuantile(0.99, 5), 15.08627246938899)).toBeLessThan(1e-13);
    expect(chiSquaredCdf(2, 2)).toBeCloseTo(1 - Math.exp(-1), 15);
  });

  test('digamma', () => {
    expect(relativeError(digamma(0.3), -3.502524222200133)).toBeLessThan(1e-13);
    expect(relativeError(digamma(7.5), 1.9467574842460869)).toBeLessThan(1e-14);
  });

  test('binomial sums', () => {
    expect(binomialCdf(0, 250, 0.01)).toBeCloseTo(0.99 ** 250, 14);
    expect(binomialCdf(250, 250, 0.01)).toBe(1);
    expect(binomialCdf(-1, 250, 0.01)).toBe(0);
  });
});
