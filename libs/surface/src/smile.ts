import { impliedVolatilityBatch } from '@cerberus/pricing';
import { normalPdf } from '@cerberus/stats';
import { type ExerciseMarket, europeanisedQuote } from './american-quotes.ts';
import {
  type ChainOptions,
  type DropCounts,
  dropOf,
  type ExpiryDrop,
  type ExpiryQuotes,
  noDrops,
  type OptionQuote,
} from './chain.ts';
import {
  fitParity,
  nearestPairs,
  type ParityLine,
  parityPairs,
  pooledDiscounts,
  withDiscount,
} from './parity.ts';

/** Implied volatilities of one expiry's out-of-the-money quotes, rising in strike. */
export interface Smile {
  readonly id: string;
  readonly timeYears: number;
  readonly forward: number;
  readonly discountFactor: number;
  /** Strikes with a two-sided call and put, and how well they obey parity (see `ParityLine`). */
  readonly parityPairs: number;
  readonly parityMisfit: number;
  readonly strike: Float64Array;
  /** ln(K/F). */
  readonly logMoneyness: Float64Array;
  /** Volatilities of bid, ask and mid price, per √year. */
  readonly bidVolatility: Float64Array;
  readonly askVolatility: Float64Array;
  readonly midVolatility: Float64Array;
  /** Undiscounted vega at the mid over the half-spread: 1/(uncertainty in volatility). */
  readonly weight: Float64Array;
  readonly drops: DropCounts;
}

export interface DroppedExpiry {
  readonly id: string;
  readonly timeYears: number;
  readonly reason: ExpiryDrop;
  readonly drops: DropCounts;
}

export interface ImpliedSmiles {
  /** Rising in maturity. */
  readonly smiles: readonly Smile[];
  readonly dropped: readonly DroppedExpiry[];
}

/** Fewer quotes cannot determine a smile. */
export const QUOTES_MIN = 5;
/** Pairs whose American quotes are converted to find the forward. */
const AMERICAN_PAIRS = 12;
const AMERICAN_ROUNDS = 4;

interface Expiry {
  readonly quotes: ExpiryQuotes;
  readonly usable: readonly OptionQuote[];
  readonly drops: DropCounts;
}

function usableQuotes(quotes: ExpiryQuotes): Expiry {
  const drops = noDrops();
  const seen = new Set<string>();
  const usable: OptionQuote[] = [];
  for (const quote of quotes.quotes) {
    let reason = dropOf(quote);
    const key = `${quote.kind}${quote.strike}`;
    if (reason !== 'not_finite' && seen.has(key)) reason = 'duplicate';
    seen.add(key);
    if (reason === undefined) usable.push(quote);
    else drops[reason] += 1;
  }
  return { quotes, usable, drops };
}

/**
 * From quotes to implied volatilities: forwards and discount factors by put-call parity (robust
 * regression, or the given rate and forwards), early-exercise premia taken out of American quotes, the
 * out-of-the-money side of each strike inverted at bid, ask and mid. Every quote that does not enter is
 * counted under one reason of `QUOTE_DROPS`, every expiry under one of `EXPIRY_DROPS`.
 */
export function impliedSmiles(
  expiries: readonly ExpiryQuotes[],
  options: ChainOptions,
): ImpliedSmiles {
  const dropped: DroppedExpiry[] = [];
  const drop = ({ quotes, drops }: Expiry, reason: ExpiryDrop) =>
    dropped.push({ id: quotes.id, timeYears: quotes.timeYears, reason, drops });
  const found: { expiry: Expiry; timeYears: number; line: ParityLine }[] = [];
  for (const quotes of expiries) {
    const expiry = usableQuotes(quotes);
    if (!(quotes.timeYears > 0 && Number.isFinite(quotes.timeYears))) {
      drop(expiry, 'expired');
      continue;
    }
    const line = parityOf(expiry, options);
    if (line === undefined) drop(expiry, 'no_forward');
    else found.push({ expiry, timeYears: quotes.timeYears, line });
  }
  found.sort((x, y) => x.timeYears - y.timeYears);
  const isPooled = options.rate === undefined && options.exercise === 'european';
  const discounts = isPooled
    ? pooledDiscounts(found)
    : found.map(({ line }) => line.discountFactor);
  const smiles: Smile[] = [];
  for (const [row, { expiry, line }] of found.entries()) {
    const settled = isPooled ? repriced(expiry, line, discounts[row]!) : line;
    const smile = smileOf(expiry, settled, options);
    if (smile.strike.length < QUOTES_MIN) drop(expiry, 'too_few_quotes');
    else if (smiles.at(-1)?.timeYears === smile.timeYears) drop(expiry, 'same_time');
    else smiles.push(smile);
  }
  return { smiles, dropped };
}

function givenLine({ quotes }: Expiry, discountFactor: number): ParityLine | undefined {
  const forward = quotes.forward;
  if (forward === undefined) return undefined;
  if (!(forward > 0 && Number.isFinite(forward))) return undefined;
  return {
    forward,
    discountFactor,
    discountError: Number.POSITIVE_INFINITY,
    pairs: 0,
    misfit: 0,
  };
}

function repriced(expiry: Expiry, line: ParityLine, discountFactor: number): ParityLine {
  const given = givenLine(expiry, discountFactor);
  return given ?? withDiscount(parityPairs(expiry.usable), discountFactor) ?? line;
}

function parityOf(expiry: Expiry, options: ChainOptions): ParityLine | undefined {
  const { timeYears } = expiry.quotes;
  const pairs = parityPairs(expiry.usable);
  if (options.exercise === 'european' && options.rate === undefined) {
    const line = fitParity(pairs);
    return line ?? givenLine(expiry, 1);
  }
  const discountFactor = Math.exp(-(options.rate ?? 0) * timeYears);
  const given = givenLine(expiry, discountFactor);
  if (given !== undefined) return given;
  const line = withDiscount(pairs, discountFactor);
  if (options.exercise === 'european' || line === undefined) return line;
  return americanParity(expiry, options, line);
}

/** Parity of the European values behind American quotes, which depend on the forward themselves. */
function americanParity(
  expiry: Expiry,
  options: ChainOptions,
  first: ParityLine,
): ParityLine | undefined {
  const near = new Set(
    nearestPairs(parityPairs(expiry.usable), AMERICAN_PAIRS).map(({ strike }) => strike),
  );
  const quotes = expiry.usable.filter(({ strike }) => near.has(strike));
  let line = first;
  for (let round = 0; round < AMERICAN_ROUNDS; round++) {
    const market = exerciseMarket(expiry.quotes.timeYears, line, options);
    const converted: OptionQuote[] = [];
    for (const quote of quotes) {
      const european = europeanisedQuote(market, quote);
      if (european !== undefined) converted.push(european);
    }
    const next = withDiscount(parityPairs(converted), line.discountFactor);
    if (next === undefined) return line;
    const move = Math.abs(next.forward - line.forward);
    line = { ...next, pairs: first.pairs };
    if (move < 1e-7 * line.forward) break;
  }
  return line;
}

function exerciseMarket(
  timeYears: number,
  line: ParityLine,
  options: ChainOptions,
): ExerciseMarket {
  const [rate, dividendYield] = [options.rate ?? 0, options.dividendYield ?? 0];
  const spot = line.forward * Math.exp((dividendYield - rate) * timeYears);
  return { spot, rate, dividendYield, timeYears };
}

function smileOf(expiry: Expiry, line: ParityLine, options: ChainOptions): Smile {
  const drops = { ...expiry.drops };
  const market = exerciseMarket(expiry.quotes.timeYears, line, options);
  const chosen: OptionQuote[] = [];
  for (const quote of expiry.usable) {
    const isOut =
      quote.kind === 'call' ? quote.strike >= line.forward : quote.strike < line.forward;
    if (!isOut) {
      drops.in_the_money += 1;
      continue;
    }
    const width = (2 * (quote.ask - quote.bid)) / (quote.ask + quote.bid);
    if (width > (options.maximumRelativeSpread ?? Number.POSITIVE_INFINITY)) drops.wide += 1;
    else if (quote.bid < (options.minimumBid ?? 0)) drops.low_bid += 1;
    else {
      const european = options.exercise === 'american' ? europeanisedQuote(market, quote) : quote;
      if (european === undefined) drops.outside_bounds += 1;
      else chosen.push(european);
    }
  }
  chosen.sort((x, y) => x.strike - y.strike);
  return inverted(expiry.quotes, chosen, { line, drops });
}

/** Volatilities of undiscounted prices on the forward, by the batch kernel. */
function volatilitiesOf(
  quotes: readonly OptionQuote[],
  prices: Float64Array,
  market: { readonly forward: number; readonly timeYears: number },
): Float64Array {
  const count = quotes.length;
  const volatility = new Float64Array(count);
  impliedVolatilityBatch(
    {
      sign: Int8Array.from(quotes, ({ kind }) => (kind === 'call' ? 1 : -1)),
      spot: new Float64Array(count).fill(market.forward),
      strike: Float64Array.from(quotes, ({ strike }) => strike),
      timeYears: new Float64Array(count).fill(market.timeYears),
      rate: new Float64Array(count),
      dividendYield: new Float64Array(count),
      price: prices,
    },
    { volatility, status: new Uint8Array(count) },
  );
  return volatility;
}

function inverted(
  quotes: ExpiryQuotes,
  chosen: readonly OptionQuote[],
  { line, drops }: { readonly line: ParityLine; readonly drops: DropCounts },
): Smile {
  const market = { forward: line.forward, timeYears: quotes.timeYears };
  const priced = (price: (quote: OptionQuote) => number) =>
    volatilitiesOf(
      chosen,
      Float64Array.from(chosen, (quote) => price(quote) / line.discountFactor),
      market,
    );
  const bid = priced((quote) => quote.bid);
  const ask = priced((quote) => quote.ask);
  const mid = priced((quote) => 0.5 * (quote.bid + quote.ask));
  const kept = chosen.flatMap((_, row) => (bid[row]! > 0 && ask[row]! > 0 ? [row] : []));
  drops.outside_bounds += chosen.length - kept.length;
  const column = (value: (row: number) => number) => Float64Array.from(kept, value);
  const root = Math.sqrt(quotes.timeYears);
  return {
    id: quotes.id,
    timeYears: quotes.timeYears,
    forward: line.forward,
    discountFactor: line.discountFactor,
    parityPairs: line.pairs,
    parityMisfit: line.misfit,
    strike: column((row) => chosen[row]!.strike),
    logMoneyness: column((row) => Math.log(chosen[row]!.strike / line.forward)),
    bidVolatility: column((row) => bid[row]!),
    askVolatility: column((row) => ask[row]!),
    midVolatility: column((row) => mid[row]!),
    weight: column((row) => {
      const { strike, bid: low, ask: high } = chosen[row]!;
      const total = mid[row]! * root;
      const d1 = Math.log(line.forward / strike) / total + 0.5 * total;
      const vega = line.forward * root * normalPdf(d1) * line.discountFactor;
      return vega / Math.max(0.5 * (high - low), 1e-3 * (high + low));
    }),
    drops,
  };
}
