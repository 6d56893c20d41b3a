import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { levenbergMarquardt } from '@cerberus/stats';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';
import { europeanGreeks } from './european.ts';
import type { HestonParameters } from './heston-characteristic.ts';
import { hestonStripPrices } from './heston-strip.ts';
import { impliedVolatility } from './implied-volatility.ts';

/** One quote of the surface to fit. */
export interface VolatilityQuote {
  readonly timeYears: number;
  readonly forward: number;
  readonly strike: number;
  readonly impliedVolatility: number;
  /** Relative weight of the squared error; 1 where absent. */
  readonly weight?: number;
}

export interface HestonFit {
  readonly parameters: HestonParameters;
  /** Weighted root-mean-square error of implied volatility, 0.01 = one vol point. */
  readonly rootMeanSquareError: number;
  readonly largestError: number;
  readonly iterations: number;
  /** 2κθ ≥ σ²: the variance never reaches zero. */
  readonly fellerHolds: boolean;
}

const RULES = {
  timeYears: 'positive',
  forward: 'positive',
  strike: 'positive',
  impliedVolatility: 'positive',
} as const;

const PARAMETER_COUNT = 5;
/** Fits start here in (κ, σ, ρ), both variances at the level of the quotes; the best one wins. */
const STARTS = [
  [2, 0.6, -0.6],
  [0.8, 1.2, -0.3],
  [4, 0.4, 0.2],
] as const;
/** Natural bounds of the search, as logarithms of κ, σ and the variances. */
const LOG_LIMIT = 7;
const CORRELATION_LIMIT = 0.9999;

/** Quotes of one expiry as columns, with what turns a price error into a volatility error. */
interface Expiry {
  readonly timeYears: number;
  readonly first: number;
  readonly sign: Int8Array;
  readonly strike: Float64Array;
  readonly price: Float64Array;
  readonly market: Float64Array;
  readonly scale: Float64Array;
}

/**
 * Least-squares fit of Heston's five parameters to implied volatilities: price errors of the
 * out-of-the-money options over their vegas, by Levenberg-Marquardt from several starts on parameters
 * mapped to the real line (logarithms, and arctanh of the correlation). Prices by `hestonStripPrices`.
 */
export function calibrateHeston(quotes: readonly VolatilityQuote[]): Result<HestonFit> {
  const fault = faultOfQuotes(quotes);
  if (fault !== undefined) return fail(fault);
  const ordered = [...quotes].sort((a, b) => a.timeYears - b.timeYears || a.strike - b.strike);
  const expiries = expiriesOf(ordered);
  const level =
    ordered.reduce((sum, quote) => sum + quote.impliedVolatility ** 2, 0) / ordered.length;
  const residuals = (x: Float64Array, out: Float64Array) => residualsAt(expiries, x, out);
  let best: { at: Float64Array; value: number; iterations: number } | undefined;
  for (const [reversion, spread, correlation] of STARTS) {
    const start = [level, reversion, level, spread].map(Math.log);
    const found = levenbergMarquardt(residuals, [...start, Math.atanh(correlation)], {
      residualCount: ordered.length,
      iterationsMax: 100,
      valueTolerance: 1e-12,
    });
    if (found.ok && (best === undefined || found.value.value < best.value)) best = found.value;
  }
  if (best === undefined) {
    return fail(faultOf(PRICING_ERRORS.CALIBRATION_FAILED, { path: 'quotes' }));
  }
  return ok(describeFit(ordered, parametersAt(best.at), best.iterations));
}

function faultOfQuotes(quotes: readonly VolatilityQuote[]): Fault | undefined {
  if (quotes.length < PARAMETER_COUNT) {
    return faultOf(PRICING_ERRORS.TOO_FEW_QUOTES, {
      path: 'quotes',
      expected: `at least ${PARAMETER_COUNT}`,
      received: `${quotes.length}`,
    });
  }
  for (const [row, quote] of quotes.entries()) {
    const weight = quote.weight ?? 1;
    const fault = faultOfFields({ ...quote, weight }, { ...RULES, weight: 'non-negative' });
    if (fault !== undefined) return { ...fault, path: `quotes row ${row} ${fault.path}` };
  }
  return undefined;
}

function expiriesOf(ordered: readonly VolatilityQuote[]): Expiry[] {
  const expiries: Expiry[] = [];
  for (let first = 0; first < ordered.length; ) {
    const { timeYears } = ordered[first]!;
    let end = first;
    while (end < ordered.length && ordered[end]!.timeYears === timeYears) end += 1;
    const rows = ordered.slice(first, end);
    const expiry: Expiry = {
      timeYears,
      first,
      sign: new Int8Array(rows.length),
      strike: new Float64Array(rows.length),
      price: new Float64Array(rows.length),
      market: new Float64Array(rows.length),
      scale: new Float64Array(rows.length),
    };
    for (const [row, quote] of rows.entries()) setQuote(expiry, row, quote);
    expiries.push(expiry);
    first = end;
  }
  return expiries;
}

/** Strikes over the forward; price error times `scale` is a weighted volatility error. */
function setQuote(expiry: Expiry, row: number, quote: VolatilityQuote): void {
  const strike = quote.strike / quote.forward;
  const kind = strike < 1 ? 'put' : 'call';
  const greeks = europeanGreeks({
    kind,
    spot: 1,
    strike,
    timeYears: quote.timeYears,
    rate: 0,
    dividendYield: 0,
    volatility: quote.impliedVolatility,
  });
  expiry.sign[row] = kind === 'call' ? 1 : -1;
  expiry.strike[row] = strike;
  expiry.market[row] = greeks.ok ? greeks.value.price : 0;
  // Far out of the money a vega that vanishes would let one quote rule the fit.
  const vega = greeks.ok ? Math.max(greeks.value.vega, 1e-4 * Math.sqrt(quote.timeYears)) : 1;
  expiry.scale[row] = Math.sqrt(quote.weight ?? 1) / vega;
}

function parametersAt(x: Float64Array): HestonParameters {
  const positive = (index: number) =>
    Math.exp(Math.min(Math.max(x[index]!, -2 * LOG_LIMIT), LOG_LIMIT));
  return {
    variance: positive(0),
    meanReversion: positive(1),
    longRunVariance: positive(2),
    volatilityOfVariance: positive(3),
    correlation: CORRELATION_LIMIT * Math.tanh(x[4]!),
  };
}

function residualsAt(expiries: readonly Expiry[], x: Float64Array, out: Float64Array): void {
  const parameters = parametersAt(x);
  for (const expiry of expiries) {
    const { timeYears, first, price, market, scale } = expiry;
    const strip = { forward: 1, discount: 1, timeYears, parameters };
    const solved = hestonStripPrices(strip, expiry);
    for (let row = 0; row < price.length; row += 1) {
      // A point that cannot be priced is worse than any other, which turns the search away from it.
      out[first + row] = solved.ok ? (price[row]! - market[row]!) * scale[row]! : 1e3;
    }
  }
}

function describeFit(
  ordered: readonly VolatilityQuote[],
  parameters: HestonParameters,
  iterations: number,
): HestonFit {
  let [sum, weights, largestError] = [0, 0, 0];
  for (const quote of ordered) {
    const error = volatilityError(quote, parameters);
    const weight = quote.weight ?? 1;
    sum += weight * error * error;
    weights += weight;
    largestError = Math.max(largestError, Math.abs(error));
  }
  const { meanReversion, longRunVariance, volatilityOfVariance } = parameters;
  return {
    parameters,
    rootMeanSquareError: weights > 0 ? Math.sqrt(sum / weights) : 0,
    largestError,
    iterations,
    fellerHolds: 2 * meanReversion * longRunVariance >= volatilityOfVariance ** 2,
  };
}

/** Model less market implied volatility; the whole market volatility where the model gives no price. */
function volatilityError(quote: VolatilityQuote, parameters: HestonParameters): number {
  const { timeYears, forward, strike } = quote;
  const sign = Int8Array.of(strike < forward ? -1 : 1);
  const price = new Float64Array(1);
  const strip = { forward, discount: 1, timeYears, parameters };
  hestonStripPrices(strip, { sign, strike: Float64Array.of(strike), price });
  const implied = impliedVolatility({
    kind: sign[0] === 1 ? 'call' : 'put',
    spot: forward,
    strike,
    timeYears,
    rate: 0,
    dividendYield: 0,
    price: price[0]!,
  });
  return (implied.ok ? implied.value : 0) - quote.impliedVolatility;
}
