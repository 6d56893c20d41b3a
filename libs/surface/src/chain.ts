/** One option's quote. Prices in the currency of the strike; 0 means that no quote stands on that side. */
export interface OptionQuote {
  readonly kind: 'call' | 'put';
  readonly strike: number;
  readonly bid: number;
  readonly ask: number;
}

/** All quotes that settle at one moment. */
export interface ExpiryQuotes {
  /** How the expiry is called in reports, e.g. `2022-06-17 SPXW`. */
  readonly id: string;
  /** Years to expiry, calendar days / 365. */
  readonly timeYears: number;
  readonly quotes: readonly OptionQuote[];
  /** Forward to use as given instead of put-call parity. */
  readonly forward?: number;
}

export interface ChainOptions {
  /** American quotes are turned into European ones before anything else (see `Europeanised`). */
  readonly exercise: 'european' | 'american';
  /** Continuously compounded rate of discounting; from parity where absent (European only, else 0). */
  readonly rate?: number;
  /** Continuous yield assumed for early exercise of American options; 0 where absent. */
  readonly dividendYield?: number;
  /** Refuse quotes with (ask − bid)/mid above this; none where absent. */
  readonly maximumRelativeSpread?: number;
  /** Refuse quotes with a lower bid; none where absent. */
  readonly minimumBid?: number;
}

/** Why a quote does not enter a smile; the list is closed and every quote is counted under one entry. */
export const QUOTE_DROPS = [
  /** Strike, bid or ask is not a number, or negative. */
  'not_finite',
  /** Second and later quotes of the same strike and kind. */
  'duplicate',
  /** Neither bid nor ask. */
  'no_quote',
  /** A bid without an ask. */
  'no_ask',
  /** An ask without a bid. */
  'no_bid',
  /** Bid above ask. */
  'crossed',
  /** The other kind at this strike is out of the money and is used. */
  'in_the_money',
  /** Wider than the liquidity filter allows. */
  'wide',
  /** Bid below the liquidity filter's minimum. */
  'low_bid',
  /** Bid or ask outside the no-arbitrage bounds: no volatility gives it. */
  'outside_bounds',
] as const;
export type QuoteDrop = (typeof QUOTE_DROPS)[number];

/** Why an expiry is left out whole. */
export const EXPIRY_DROPS = ['expired', 'no_forward', 'too_few_quotes', 'same_time'] as const;
export type ExpiryDrop = (typeof EXPIRY_DROPS)[number];

export type DropCounts = Record<QuoteDrop, number>;

export function noDrops(): DropCounts {
  return Object.fromEntries(QUOTE_DROPS.map((reason) => [reason, 0])) as DropCounts;
}

/** Why a quote cannot be used at all, whatever its moneyness; undefined where it is two-sided. */
export function dropOf(quote: OptionQuote): QuoteDrop | undefined {
  const { strike, bid, ask } = quote;
  const isGood =
    Number.isFinite(strike) &&
    strike > 0 &&
    Number.isFinite(bid) &&
    bid >= 0 &&
    Number.isFinite(ask) &&
    ask >= 0;
  if (!isGood) return 'not_finite';
  if (bid === 0) return ask === 0 ? 'no_quote' : 'no_bid';
  if (ask === 0) return 'no_ask';
  return bid > ask ? 'crossed' : undefined;
}
