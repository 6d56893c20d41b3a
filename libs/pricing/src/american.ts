import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import {
  type BoundaryMarket,
  type CollocationScheme,
  collocationScheme,
  solveBoundary,
} from './american-boundary.ts';
import { exerciseRatio, premiumValue, type SolvedBoundary } from './american-premium.ts';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';
import { type EuropeanOption, europeanPrice } from './european.ts';
import { finiteDifferences } from './finite-differences.ts';
import { signOf } from './greeks.ts';

/** An American option on a spot with a continuous yield; fields as in `EuropeanOption`. */
export type AmericanOption = EuropeanOption;

/**
 * Sizes of the collocation: `fast` is good to about 1e-6 of the strike, `standard` to 1e-8, `reference`
 * to 1e-10 (errors measured against the integral-equation vectors in the tests).
 */
export const AMERICAN_ACCURACIES = ['fast', 'standard', 'reference'] as const;
export type AmericanAccuracy = (typeof AMERICAN_ACCURACIES)[number];

const SIZES = {
  fast: { nodes: 7, quadrature: 8, pricing: 20, sweeps: 12, tolerance: 1e-4 },
  standard: { nodes: 12, quadrature: 18, pricing: 40, sweeps: 40, tolerance: 1e-10 },
  reference: { nodes: 28, quadrature: 40, pricing: 80, sweeps: 60, tolerance: 1e-12 },
} as const;

const schemes = new Map<AmericanAccuracy, CollocationScheme>();

/** The scheme of an accuracy, computed on first use and kept. */
export function schemeOf(accuracy: AmericanAccuracy): CollocationScheme {
  const known = schemes.get(accuracy);
  if (known !== undefined) return known;
  const scheme = collocationScheme(SIZES[accuracy]);
  schemes.set(accuracy, scheme);
  return scheme;
}

const RULES = {
  spot: 'non-negative',
  strike: 'positive',
  timeYears: 'time',
  rate: 'finite',
  dividendYield: 'finite',
  volatility: 'non-negative',
} as const;

/**
 * How an option is valued:
 * - `european`: early exercise is never better (put with r ≤ 0 and r ≤ q; call with q ≤ 0 and q ≤ r);
 * - `exercised`: the spot is in the exercise region;
 * - `held`: the European value plus the premium integrated over the boundary;
 * - `grid`: two exercise boundaries (q < r < 0 for a put) or a boundary that does not settle;
 * - `certain`: no volatility, no time or no spot, where the best time to exercise is known.
 */
export type AmericanRegime = 'european' | 'exercised' | 'held' | 'grid' | 'certain';

/** A put with strike one: the call on S struck at K is S puts on K/S with rate and yield exchanged. */
export interface StandardPut {
  readonly market: BoundaryMarket;
  /** Spot over strike of the put. */
  readonly ratio: number;
  /** Currency per unit of the standard put. */
  readonly unit: number;
}

export function standardPut(option: AmericanOption): StandardPut {
  const { spot, strike, rate, dividendYield, volatility, timeYears } = option;
  return option.kind === 'put'
    ? {
        market: { rate, yieldRate: dividendYield, volatility, timeYears },
        ratio: spot / strike,
        unit: strike,
      }
    : {
        market: { rate: dividendYield, yieldRate: rate, volatility, timeYears },
        ratio: strike / spot,
        unit: spot,
      };
}

/** True where an American put with this rate and yield is never exercised early. */
export function isNeverExercised({ rate, yieldRate }: BoundaryMarket): boolean {
  return rate <= 0 && yieldRate >= rate;
}

/** True where the put is exercised between two boundaries only, which the collocation does not cover. */
export function hasTwoBoundaries({ rate, yieldRate }: BoundaryMarket): boolean {
  return rate <= 0 && yieldRate < rate;
}

/** The boundary of a standard put under a scheme; undefined where finite differences must serve. */
export function boundaryOf(
  market: BoundaryMarket,
  scheme: CollocationScheme,
): SolvedBoundary | undefined {
  if (hasTwoBoundaries(market)) return undefined;
  const values = new Float64Array(scheme.nodeCount);
  return solveBoundary(market, scheme, values) ? { scheme, market, values } : undefined;
}

export interface AmericanValue {
  readonly price: number;
  readonly europeanPrice: number;
  readonly regime: AmericanRegime;
  /** Spot at which the option is exercised today; absent where there is none or it was not needed. */
  readonly exerciseSpot?: number;
}

/**
 * American put or call: European value plus the early-exercise premium, integrated over the exercise
 * boundary that spectral collocation finds (Andersen-Lake-Offengenden 2016; see `solveBoundary`).
 * Rates and yields of any sign; never below the European or the intrinsic value. Faults as for
 * European options.
 */
export function americanValue(
  option: AmericanOption,
  accuracy: AmericanAccuracy = 'standard',
): Result<AmericanValue> {
  const fault = faultOfFields(option, RULES);
  if (fault !== undefined) return fail(fault);
  const european = europeanPrice(option);
  if (!european.ok) return european;
  const base = european.value;
  if (isCertain(option)) {
    const { price } = certainExercise(option);
    return ok({ price, europeanPrice: base, regime: 'certain' });
  }
  const put = standardPut(option);
  if (isNeverExercised(put.market)) {
    return ok({ price: base, europeanPrice: base, regime: 'european' });
  }
  const boundary = boundaryOf(put.market, schemeOf(accuracy));
  if (boundary === undefined) return gridValue(option, base);
  const exercise = exerciseRatio(boundary.market, boundary.scheme, boundary.values);
  const exerciseSpot = option.kind === 'put' ? exercise * put.unit : option.strike / exercise;
  const intrinsic = signOf(option.kind) * (option.spot - option.strike);
  if (put.ratio <= exercise) {
    return ok({ price: intrinsic, europeanPrice: base, regime: 'exercised', exerciseSpot });
  }
  const premium = put.unit * Math.max(premiumValue(put.ratio, boundary), 0);
  const price = Math.max(base + premium, intrinsic);
  if (!Number.isFinite(price)) return fail(rangeFault());
  return ok({ price, europeanPrice: base, regime: 'held', exerciseSpot });
}

/** The price alone; see `americanValue`. */
export function americanPrice(
  option: AmericanOption,
  accuracy: AmericanAccuracy = 'standard',
): Result<number> {
  const value = americanValue(option, accuracy);
  return value.ok ? ok(value.value.price) : value;
}

function rangeFault(): Fault {
  return faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'price' });
}

function gridValue(option: AmericanOption, european: number): Result<AmericanValue> {
  const grid = finiteDifferences({ ...option, exercise: 'american' });
  if (!grid.ok) return grid;
  const intrinsic = signOf(option.kind) * (option.spot - option.strike);
  const price = Math.max(grid.value.price, european, intrinsic);
  return ok({ price, europeanPrice: european, regime: 'grid' });
}

/** No randomness left: the total volatility or the spot is zero. */
export function isCertain({ spot, timeYears, volatility }: AmericanOption): boolean {
  return spot === 0 || volatility * Math.sqrt(timeYears) < 1e-12;
}

/** Best time to exercise on the certain path and the present value there, max of s(S e^{−qt} − K e^{−rt}). */
export function certainExercise(option: AmericanOption): { price: number; bestTime: number } {
  const { spot, strike, timeYears, rate, dividendYield } = option;
  const sign = signOf(option.kind);
  const valueAt = (time: number) =>
    sign * (spot * Math.exp(-dividendYield * time) - strike * Math.exp(-rate * time));
  let [bestTime, price] = [timeYears, valueAt(timeYears)];
  const turning = Math.log((rate * strike) / (dividendYield * spot)) / (rate - dividendYield);
  for (const time of [0, turning]) {
    if (!(time >= 0 && time <= timeYears)) continue;
    if (valueAt(time) > price) [bestTime, price] = [time, valueAt(time)];
  }
  return { price: Math.max(price, 0), bestTime };
}
