import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { gammaP, gammaQ, logGamma } from '@cerberus/stats';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';

/** A European option under dS = (r−q)S dt + σ S^β dW, absorbed at zero. */
export interface CevOption {
  readonly spot: number;
  readonly strike: number;
  readonly timeYears: number;
  readonly rate: number;
  readonly dividendYield: number;
  /** σ of S^β, in units of spot^(1−β) per √year. */
  readonly scale: number;
  /** β ≥ 0, not one; one is Black-Scholes. */
  readonly elasticity: number;
}

export interface CevValue {
  readonly call: number;
  readonly put: number;
  /** Local volatility σ K^{β−1} at the strike. */
  readonly localVolatility: number;
}

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
  scale: 'positive',
  elasticity: 'non-negative',
} as const;

/** Terms of the Poisson mixture that are summed at most. */
const TERMS_MAX = 200_000;

interface Tails {
  readonly lower: number;
  readonly upper: number;
}

/** Cox's constant-elasticity-of-variance model by noncentral chi-squared tails, both summed directly. */
export function cevValue(option: CevOption): Result<CevValue> {
  const fault = faultOfFields(option, RULES);
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, scale, elasticity } = option;
  const power = 1 - elasticity;
  const carry = rate - dividendYield;
  // Schroder (1989): k is σ²T for no carry, and its time-changed form otherwise.
  const exponent = 2 * carry * power * timeYears;
  const clock = Math.abs(exponent) < 1e-12 ? timeYears : Math.expm1(exponent) / (2 * carry * power);
  const unit = power * power * scale * scale * clock;
  const start = (spot ** (2 * power) * Math.exp(exponent)) / unit;
  const end = strike ** (2 * power) / unit;
  const order = 1 / Math.abs(power);
  if (!(Math.abs(power) > 1e-6 && 0.5 * (start + end) < 0.4 * TERMS_MAX)) {
    return fail(
      faultOf(PRICING_ERRORS.OUT_OF_RANGE, {
        path: 'elasticity',
        expected: 'far enough from 1 for the noncentral chi-squared series',
        received: `${elasticity}`,
      }),
    );
  }
  const [x, centre] = power > 0 ? [end, start] : [start, end];
  const wide = noncentralTails(x, order + 2, centre);
  const narrow = noncentralTails(centre, order, x);
  const [shareCall, sharePut, debtCall, debtPut] =
    power > 0
      ? [wide.upper, wide.lower, narrow.lower, narrow.upper]
      : [narrow.upper, narrow.lower, wide.lower, wide.upper];
  const share = spot * Math.exp(-dividendYield * timeYears);
  const debt = strike * Math.exp(-rate * timeYears);
  return ok({
    call: Math.max(share * shareCall - debt * debtCall, 0),
    put: Math.max(debt * debtPut - share * sharePut, 0),
    localVolatility: scale * strike ** (elasticity - 1),
  });
}

/**
 * Both tails at x of a noncentral chi-squared law with `degrees` and noncentrality λ: Poisson(λ/2)
 * mixtures of incomplete gamma functions, P by downward and Q by upward recursion, which are stable.
 */
function noncentralTails(x: number, degrees: number, noncentrality: number): Tails {
  const half = 0.5 * noncentrality;
  const point = 0.5 * x;
  const count = Math.ceil(half + point + 12 * Math.sqrt(half + point + 10) + 60);
  const first = 0.5 * degrees;
  const logPoint = Math.log(point);
  const logHalf = Math.log(half);
  const weight = (j: number) => Math.exp(j * logHalf - half - logGamma(j + 1));
  const density = (a: number) => Math.exp(a * logPoint - point - logGamma(a + 1));
  let upper = 0;
  let tail = gammaQ(first, point);
  for (let j = 0; j <= count; j += 1) {
    upper += weight(j) * tail;
    tail += density(first + j);
  }
  let lower = 0;
  tail = gammaP(first + count, point);
  for (let j = count; j >= 0; j -= 1) {
    lower += weight(j) * tail;
    if (j > 0) tail += density(first + j - 1);
  }
  return { lower, upper };
}
