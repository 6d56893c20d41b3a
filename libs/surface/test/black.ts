import { black76Price } from '@cerberus/pricing';
import type { ExpiryQuotes, OptionQuote } from '../src/chain.ts';

/** A chain of Black prices at given volatilities, with a relative spread around each. */
export function blackExpiry(market: {
  readonly timeYears: number;
  readonly forward: number;
  readonly rate: number;
  readonly strikes: readonly number[];
  readonly volatilityAt: (logMoneyness: number) => number;
  readonly halfSpread: (price: number) => number;
}): ExpiryQuotes {
  const quotes: OptionQuote[] = [];
  for (const strike of market.strikes) {
    const volatility = market.volatilityAt(Math.log(strike / market.forward));
    for (const kind of ['call', 'put'] as const) {
      const { forward, timeYears, rate } = market;
      const price = black76Price({ kind, forward, strike, timeYears, rate, volatility });
      if (!price.ok) throw new Error(price.error.message);
      const half = market.halfSpread(price.value);
      quotes.push({ kind, strike, bid: Math.max(0, price.value - half), ask: price.value + half });
    }
  }
  return { id: `T=${market.timeYears}`, timeYears: market.timeYears, quotes };
}

/** Strikes from `low` to `high` of the forward. */
export function strikesOf(forward: number, [low, high]: readonly [number, number], count: number) {
  return Array.from(
    { length: count },
    (_, i) => Math.round(forward * (low + ((high - low) * i) / (count - 1)) * 100) / 100,
  );
}
