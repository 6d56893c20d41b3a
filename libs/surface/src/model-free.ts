import { fail, ok, type Result } from '@cerberus/core';
import { normalCdf } from '@cerberus/stats';
import { faultOfPositive, numberFault, SURFACE_ERRORS } from './errors.ts';
import type { VolatilitySurface } from './surface.ts';

const PANELS = 400;
/** The integral runs to this many standard deviations of the wings on each side. */
const REACH = 9;

/** Undiscounted out-of-the-money price over the forward at log-moneyness k. */
function outOfTheMoney(k: number, totalVariance: number): number {
  const root = Math.sqrt(totalVariance);
  const d1 = -k / root + 0.5 * root;
  return k >= 0
    ? normalCdf(d1) - Math.exp(k) * normalCdf(d1 - root)
    : Math.exp(k) * normalCdf(root - d1) - normalCdf(-d1);
}

/**
 * Model-free implied volatility of a maturity: σ² = (2/T) ∫ Q(K)/K² dK over all strikes of the surface, Q
 * the undiscounted out-of-the-money price (Demeterfi, Derman, Kamal and Zou 1999; the continuous form of
 * the VIX). In k the integrand is Q(k)/F·e^{−k}; Simpson's rule with panels graded to the money.
 */
export function modelFreeVolatility(surface: VolatilitySurface, timeYears: number): Result<number> {
  const fault = faultOfPositive(timeYears, 'timeYears');
  if (fault !== undefined) return fail(fault);
  const side = (sign: 1 | -1) => {
    const end = wingEnd(surface, timeYears, sign);
    // k = end·u² grades the panels to the money, where the integrand has its kink.
    const f = (u: number) => {
      const k = end * u * u;
      const w = surface.varianceUnchecked(k, timeYears);
      return outOfTheMoney(k, w) * Math.exp(-k) * 2 * u * Math.abs(end);
    };
    let sum = f(0) + f(1);
    for (let i = 1; i < PANELS; i++) sum += (i % 2 === 1 ? 4 : 2) * f(i / PANELS);
    return sum / (3 * PANELS);
  };
  const variance = (2 / timeYears) * (side(-1) + side(1));
  return variance > 0 && Number.isFinite(variance)
    ? ok(Math.sqrt(variance))
    : fail(
        numberFault(SURFACE_ERRORS.NO_SOLUTION, 'variance', {
          expected: 'a positive integral',
          received: variance,
        }),
      );
}

/** Where the out-of-the-money price has fallen to nothing: |k| of REACH deviations at its own variance. */
function wingEnd(surface: VolatilitySurface, timeYears: number, sign: 1 | -1): number {
  let k = sign * REACH * Math.sqrt(surface.varianceUnchecked(0, timeYears));
  for (let step = 0; step < 40; step++) {
    const need = REACH * Math.sqrt(surface.varianceUnchecked(k, timeYears));
    if (need <= Math.abs(k) || Math.abs(k) > 30) break;
    k = sign * need;
  }
  return k;
}

/** One option of a VIX strip: mid of bid and ask, as quoted. */
export interface StripOption {
  readonly strike: number;
  readonly kind: 'call' | 'put';
  readonly bid: number;
  readonly ask: number;
}

/** Consecutive strikes without a bid after which the strip ends. */
const ZERO_BIDS_MAX = 2;

/**
 * Variance of one expiry by the published VIX method (Cboe Volatility Index mathematics, 2019 §2): forward
 * from parity at the strike where calls and puts differ least, K₀ at or below it, out-of-the-money mids
 * outwards until two strikes running have no bid, σ² = (2/T) Σ ΔK/K² e^{rT} Q(K) − (F/K₀ − 1)²/T.
 */
export function stripVariance(
  options: readonly StripOption[],
  market: { readonly timeYears: number; readonly discountFactor: number },
): Result<number> {
  const { timeYears, discountFactor } = market;
  const fault =
    faultOfPositive(timeYears, 'timeYears') ?? faultOfPositive(discountFactor, 'discountFactor');
  if (fault !== undefined) return fail(fault);
  const book = new Map<number, { call?: StripOption; put?: StripOption }>();
  for (const option of options) {
    if (!(option.strike > 0 && option.bid >= 0 && option.ask >= option.bid)) continue;
    const both = book.get(option.strike) ?? {};
    both[option.kind] = option;
    book.set(option.strike, both);
  }
  const strikes = [...book.keys()].sort((x, y) => x - y);
  const mid = (option: StripOption | undefined) =>
    option === undefined ? 0 : 0.5 * (option.bid + option.ask);
  let [forward, least] = [0, Number.POSITIVE_INFINITY];
  for (const strike of strikes) {
    const { call, put } = book.get(strike)!;
    if (call === undefined || put === undefined || call.bid === 0 || put.bid === 0) continue;
    const gap = mid(call) - mid(put);
    if (Math.abs(gap) < least) [least, forward] = [Math.abs(gap), strike + gap / discountFactor];
  }
  const centre = strikes.findLast((strike) => strike <= forward);
  if (centre === undefined) {
    return fail(
      numberFault(SURFACE_ERRORS.NO_FORWARD, 'options', {
        expected: 'a strike with a call and a put around the forward',
        received: strikes.length,
      }),
    );
  }
  const kept: { strike: number; price: number }[] = [];
  walk(
    strikes.filter((strike) => strike < centre).reverse(),
    (strike) => book.get(strike)!.put,
    kept,
  );
  walk(
    strikes.filter((strike) => strike > centre),
    (strike) => book.get(strike)!.call,
    kept,
  );
  const { call, put } = book.get(centre)!;
  const atCentre =
    call === undefined || put === undefined ? mid(call) + mid(put) : 0.5 * (mid(call) + mid(put));
  kept.push({ strike: centre, price: atCentre });
  kept.sort((x, y) => x.strike - y.strike);
  if (kept.length < 3) {
    return fail(
      numberFault(SURFACE_ERRORS.TOO_FEW_QUOTES, 'options', {
        expected: 'at least 3 strikes in the strip',
        received: kept.length,
      }),
    );
  }
  let sum = 0;
  for (const [row, { strike, price }] of kept.entries()) {
    const [before, after] = [kept[row - 1]?.strike ?? strike, kept[row + 1]?.strike ?? strike];
    const isEnd = row === 0 || row === kept.length - 1;
    sum += (((isEnd ? 1 : 0.5) * (after - before)) / (strike * strike)) * (price / discountFactor);
  }
  return ok((2 * sum - (forward / centre - 1) ** 2) / timeYears);
}

function walk(
  strikes: readonly number[],
  optionAt: (strike: number) => StripOption | undefined,
  kept: { strike: number; price: number }[],
): void {
  let empty = 0;
  for (const strike of strikes) {
    const option = optionAt(strike);
    if (option === undefined || option.bid === 0) {
      empty += 1;
      if (empty >= ZERO_BIDS_MAX) return;
      continue;
    }
    empty = 0;
    kept.push({ strike, price: 0.5 * (option.bid + option.ask) });
  }
}

const MINUTES_PER_YEAR = 525_600;

/**
 * Variance interpolated linearly in total variance between two expiries to a horizon, as a volatility:
 * the VIX from its two terms (30 days is the index).
 */
export function interpolatedVolatility(
  near: { readonly timeYears: number; readonly variance: number },
  next: { readonly timeYears: number; readonly variance: number },
  horizonDays = 30,
): Result<number> {
  const horizon = (horizonDays * 1440) / MINUTES_PER_YEAR;
  const share = (horizon - near.timeYears) / (next.timeYears - near.timeYears);
  const total =
    (1 - share) * near.variance * near.timeYears + share * next.variance * next.timeYears;
  return total > 0 && Number.isFinite(total)
    ? ok(Math.sqrt(total / horizon))
    : fail(
        numberFault(SURFACE_ERRORS.NO_SOLUTION, 'variance', {
          expected: 'two expiries with positive variance around the horizon',
          received: total,
        }),
      );
}
