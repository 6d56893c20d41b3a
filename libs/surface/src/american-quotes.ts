import { americanPrice, europeanPrice, impliedVolatility } from '@cerberus/pricing';
import { normalPdf } from '@cerberus/stats';
import type { OptionQuote } from './chain.ts';

/** What early exercise is judged with: the escrowed spot F·e^{−(r−q)T}, which leaves known dividends out. */
export interface ExerciseMarket {
  readonly spot: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly timeYears: number;
}

const NEWTON_MAX = 8;
const BISECTION_MAX = 60;
const VOLATILITY_MIN = 1e-4;
const VOLATILITY_MAX = 20;
const PRICE_TOLERANCE = 1e-8;

type Option = { readonly kind: 'call' | 'put'; readonly strike: number };

/**
 * The volatility at which an American option is worth `price`. The European inversion bounds it from
 * above; from there Newton's steps with the European vega settle in two or three, the premium being
 * small. Where they do not, an Illinois regula falsi does. Undefined where the price is at or below
 * exercise value, or out of reach.
 */
function americanVolatility(
  market: ExerciseMarket,
  option: Option,
  price: number,
): number | undefined {
  const excess = (volatility: number) => {
    const value = americanPrice({ ...market, ...option, volatility }, 'fast');
    return value.ok ? value.value - price : Number.NaN;
  };
  const bound = impliedVolatility({ ...market, ...option, price });
  if (!bound.ok) return bracketed(excess, price);
  let at = bound.value;
  for (let iteration = 0; iteration < NEWTON_MAX; iteration++) {
    const error = excess(at);
    if (Math.abs(error) <= PRICE_TOLERANCE * price) return at;
    const next = at - error / vegaAt(market, option, at);
    if (!(next > VOLATILITY_MIN && next <= bound.value * (1 + 1e-9))) break;
    at = next;
  }
  return bracketed(excess, price);
}

function vegaAt(market: ExerciseMarket, option: Option, volatility: number): number {
  const { spot, rate, dividendYield, timeYears } = market;
  const total = volatility * Math.sqrt(timeYears);
  const drift = (rate - dividendYield) * timeYears;
  const d1 = (Math.log(spot / option.strike) + drift) / total + 0.5 * total;
  return spot * Math.exp(-dividendYield * timeYears) * Math.sqrt(timeYears) * normalPdf(d1);
}

function bracketed(excess: (volatility: number) => number, price: number): number | undefined {
  let [low, high] = [VOLATILITY_MIN, 0.3];
  let [fLow, fHigh] = [excess(low), excess(high)];
  if (!(fLow < 0)) return undefined;
  while (fHigh < 0 && high < VOLATILITY_MAX) {
    [low, fLow] = [high, fHigh];
    high *= 2;
    fHigh = excess(high);
  }
  if (!(fHigh >= 0)) return undefined;
  let side = 0;
  let at = high;
  for (let iteration = 0; iteration < BISECTION_MAX && high - low > 1e-9; iteration++) {
    at = (low * fHigh - high * fLow) / (fHigh - fLow);
    const f = excess(at);
    if (!Number.isFinite(f)) return undefined;
    if (Math.abs(f) <= PRICE_TOLERANCE * price) break;
    if (f > 0) {
      [high, fHigh] = [at, f];
      if (side === 1) fLow *= 0.5;
      side = 1;
    } else {
      [low, fLow] = [at, f];
      if (side === -1) fHigh *= 0.5;
      side = -1;
    }
  }
  return at;
}

/** True where early exercise is worth nothing: a call without yield, a put without interest. */
function isEuropean(kind: 'call' | 'put', { rate, dividendYield }: ExerciseMarket): boolean {
  return kind === 'call' ? dividendYield <= 0 && rate >= 0 : rate <= 0 && dividendYield >= 0;
}

/** The price of the European option of the same volatility, or undefined where there is none. */
export function europeanised(
  market: ExerciseMarket,
  option: Option,
  price: number,
): number | undefined {
  if (isEuropean(option.kind, market)) return price;
  const volatility = americanVolatility(market, option, price);
  if (volatility === undefined) return undefined;
  const value = europeanPrice({ ...market, ...option, volatility });
  return value.ok ? value.value : undefined;
}

/**
 * A quote with its early-exercise premium taken out, bid and ask each at its own volatility; undefined
 * where a side has none.
 */
export function europeanisedQuote(
  market: ExerciseMarket,
  quote: OptionQuote,
): OptionQuote | undefined {
  const bid = europeanised(market, quote, quote.bid);
  const ask = europeanised(market, quote, quote.ask);
  return bid === undefined || ask === undefined ? undefined : { ...quote, bid, ask };
}
