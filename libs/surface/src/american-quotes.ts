import { americanPrice, europeanPrice } from '@cerberus/pricing';
import type { OptionQuote } from './chain.ts';

/** What early exercise is judged with: the escrowed spot F·e^{−(r−q)T}, which leaves known dividends out. */
export interface ExerciseMarket {
  readonly spot: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly timeYears: number;
}

const ITERATIONS_MAX = 30;
const VOLATILITY_MAX = 20;

/**
 * The volatility at which an American option is worth `price`: safeguarded secant on the price of the
 * collocation engine. Undefined where the price is at or below exercise value, or out of reach.
 */
function americanVolatility(
  market: ExerciseMarket,
  option: { readonly kind: 'call' | 'put'; readonly strike: number },
  price: number,
): number | undefined {
  const excess = (volatility: number) => {
    const value = americanPrice({ ...market, ...option, volatility }, 'fast');
    return value.ok ? value.value - price : Number.NaN;
  };
  let low = 1e-4;
  let high = 0.3;
  let fLow = excess(low);
  let fHigh = excess(high);
  if (!(fLow < 0)) return undefined;
  while (fHigh < 0 && high < VOLATILITY_MAX) {
    [low, fLow] = [high, fHigh];
    high *= 2;
    fHigh = excess(high);
  }
  if (!(fHigh >= 0)) return undefined;
  let at = high;
  let side = 0;
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
    // Illinois: a regula falsi whose stale end is halved.
    at = (low * fHigh - high * fLow) / (fHigh - fLow);
    const f = excess(at);
    if (!Number.isFinite(f)) return undefined;
    if (Math.abs(f) <= 1e-9 * price + 1e-12) break;
    if (f > 0) {
      [high, fHigh] = [at, f];
      if (side === 1) fLow *= 0.5;
      side = 1;
    } else {
      [low, fLow] = [at, f];
      if (side === -1) fHigh *= 0.5;
      side = -1;
    }
    if (high - low < 1e-9) break;
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
  option: { readonly kind: 'call' | 'put'; readonly strike: number },
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
