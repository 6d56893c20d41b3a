import type { OptionQuote } from './chain.ts';

/** A strike with a two-sided call and put: C − P = D(F − K). */
export interface ParityPair {
  readonly strike: number;
  /** Call mid less put mid. */
  readonly difference: number;
  /** Root sum of squares of the two half-spreads. */
  readonly uncertainty: number;
}

export interface ParityLine {
  readonly forward: number;
  readonly discountFactor: number;
  /** Standard error of the discount factor; infinite where it was given or cannot be told. */
  readonly discountError: number;
  readonly pairs: number;
  /** Median |residual| over uncertainty: above 1 the quotes contradict parity. */
  readonly misfit: number;
}

/** Pairs used: those nearest the money say most about the forward, and deep ones are stale. */
const PAIRS_MAX = 80;
const ROUNDS = 25;
/** Tuning constant of Tukey's biweight, 95 % efficient for Gaussian errors. */
const BIWEIGHT = 4.685;

/** Pairs of the two-sided quotes, by strike; `quotes` must hold one quote per strike and kind. */
export function parityPairs(quotes: readonly OptionQuote[]): ParityPair[] {
  const calls = new Map<number, OptionQuote>();
  for (const quote of quotes) if (quote.kind === 'call') calls.set(quote.strike, quote);
  const pairs: ParityPair[] = [];
  for (const put of quotes) {
    const call = put.kind === 'put' ? calls.get(put.strike) : undefined;
    if (call === undefined) continue;
    const difference = 0.5 * (call.bid + call.ask - put.bid - put.ask);
    const uncertainty = 0.5 * Math.hypot(call.ask - call.bid, put.ask - put.bid);
    pairs.push({ strike: put.strike, difference, uncertainty });
  }
  return pairs.sort((x, y) => x.strike - y.strike);
}

/** The pairs nearest to where calls and puts cost the same. */
export function nearestPairs(pairs: readonly ParityPair[], count = PAIRS_MAX): ParityPair[] {
  const nearest = [...pairs].sort((x, y) => Math.abs(x.difference) - Math.abs(y.difference));
  return nearest.slice(0, count).sort((x, y) => x.strike - y.strike);
}

function median(values: number[]): number {
  values.sort((x, y) => x - y);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : 0.5 * (values[middle - 1]! + values[middle]!);
}

function floorOf(pairs: readonly ParityPair[]): number {
  return 0.1 * Math.max(median(pairs.map(({ uncertainty }) => uncertainty)), 1e-12);
}

/**
 * Forward and discount factor by robust regression of C − P on K: iteratively reweighted least squares
 * with weights of the spreads and Tukey's biweight, started from the median of pairwise slopes, so that
 * a few stale quotes cannot move the line. Needs two pairs.
 */
export function fitParity(all: readonly ParityPair[]): ParityLine | undefined {
  const pairs = nearestPairs(all);
  if (pairs.length < 2) return undefined;
  const floor = floorOf(pairs);
  const half = pairs.length >> 1;
  const slopes: number[] = [];
  for (let i = 0; i + half < pairs.length; i++) {
    const [low, high] = [pairs[i]!, pairs[i + half]!];
    slopes.push((high.difference - low.difference) / (high.strike - low.strike));
  }
  let slope = median(slopes);
  let intercept = median(pairs.map(({ strike, difference }) => difference - slope * strike));
  let error = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const sizes = pairs.map(
      (pair) => Math.abs(residualOf(pair, slope, intercept)) / (pair.uncertainty + floor),
    );
    const scale = Math.max(1.4826 * median([...sizes]), 1e-9);
    let [s, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    const origin = pairs[half]!.strike;
    for (const [row, pair] of pairs.entries()) {
      const ratio = sizes[row]! / (BIWEIGHT * scale);
      if (ratio >= 1) continue;
      const weight = (1 - ratio * ratio) ** 2 / (pair.uncertainty + floor) ** 2;
      const x = pair.strike - origin;
      s += weight;
      sx += weight * x;
      sy += weight * pair.difference;
      sxx += weight * x * x;
      sxy += weight * x * pair.difference;
    }
    const determinant = s * sxx - sx * sx;
    if (!(determinant > 0)) break;
    const next = (s * sxy - sx * sy) / determinant;
    const level = (sy - next * sx) / s - next * origin;
    error = Math.sqrt(s / determinant) * Math.max(scale, 0.05);
    const isSettled = Math.abs(next - slope) < 1e-12 && Math.abs(level - intercept) < 1e-9;
    [slope, intercept] = [next, level];
    if (isSettled) break;
  }
  const discountFactor = -slope;
  if (!(discountFactor > 0)) return undefined;
  return withDiscount(all, discountFactor, error);
}

function residualOf(pair: ParityPair, slope: number, intercept: number): number {
  return pair.difference - slope * pair.strike - intercept;
}

/** Pairs that decide the forward once the discount factor is known. */
const FORWARD_PAIRS = 24;

/** The forward at a known discount factor: weighted median of K + (C − P)/D near the money. */
export function withDiscount(
  all: readonly ParityPair[],
  discountFactor: number,
  discountError = Number.POSITIVE_INFINITY,
): ParityLine | undefined {
  const pairs = nearestPairs(all, FORWARD_PAIRS);
  if (pairs.length === 0) return undefined;
  const floor = floorOf(pairs);
  const votes = pairs
    .map((pair) => ({
      forward: pair.strike + pair.difference / discountFactor,
      weight: 1 / (pair.uncertainty + floor) ** 2,
      uncertainty: pair.uncertainty + floor,
    }))
    .sort((x, y) => x.forward - y.forward);
  const half = 0.5 * votes.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  let forward = votes[0]!.forward;
  for (const vote of votes) {
    forward = vote.forward;
    passed += vote.weight;
    if (passed >= half) break;
  }
  if (!(forward > 0)) return undefined;
  const misfit = median(
    votes.map((vote) => (Math.abs(vote.forward - forward) * discountFactor) / vote.uncertainty),
  );
  return { forward, discountFactor, discountError, pairs: all.length, misfit };
}

/** Uncertainty about the rate of any one expiry before its own quotes are seen, per year. */
const RATE_PRIOR_ERROR = 0.004;

/**
 * Discount factors of a chain: each expiry's own rate, drawn towards the mean rate of all where its own
 * quotes determine it badly (short expiries: a slope error of 1e-4 is 0.5 % a year over a week).
 */
export function pooledDiscounts(
  lines: readonly { readonly timeYears: number; readonly line: ParityLine }[],
): number[] {
  const own = lines.map(({ timeYears, line }) => ({
    timeYears,
    rate: -Math.log(line.discountFactor) / timeYears,
    error: Math.max(line.discountError / (line.discountFactor * timeYears), 1e-5),
  }));
  let [sum, weights] = [0, 0];
  for (const { rate, error } of own) {
    const weight = 1 / (error * error + RATE_PRIOR_ERROR * RATE_PRIOR_ERROR);
    sum += weight * rate;
    weights += weight;
  }
  const mean = weights > 0 ? sum / weights : 0;
  const prior = 1 / RATE_PRIOR_ERROR ** 2;
  return own.map(({ timeYears, rate, error }) => {
    const weight = Number.isFinite(error) ? 1 / (error * error) : 0;
    return Math.exp((-timeYears * (weight * rate + prior * mean)) / (weight + prior));
  });
}
