import { fail, type Result } from '@cerberus/core';
import { argumentFault, binomialCdf, binomialSfInclusive, chiSquaredSf } from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';

export interface LikelihoodRatio {
  readonly statistic: number;
  readonly pValue: number;
}

export interface KupiecTest extends LikelihoodRatio {
  /** P(N ≤ exceptions) and P(N ≥ exceptions) of the binomial law. */
  readonly atMostProbability: number;
  readonly atLeastProbability: number;
  /** (n − Np)/√(Np(1−p)). */
  readonly zScore: number;
}

/** x·ln y with 0·ln 0 = 0. */
function timesLog(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log(y);
}

/** ln of (1−p)^misses p^hits. */
function logBernoulli(misses: number, hits: number, p: number): number {
  return (misses === 0 ? 0 : misses * Math.log1p(-p)) + timesLog(hits, p);
}

/** −2 ln of the likelihood ratio of a given against the best chance of success; never below 0. */
function bernoulliRatio(misses: number, hits: number, p: number): number {
  const total = misses + hits;
  if (total === 0) return 0;
  // (hits/total)/p and (misses/total)/(1−p) as ratios near one: their logarithms lose no digits.
  const high = hits === 0 ? 0 : hits * logRatio(hits, total * p);
  const low = misses === 0 ? 0 : misses * logRatio(misses, total * (1 - p));
  return Math.max(0, 2 * (high + low));
}

/** ln(a/b), by the difference where the two are close. */
function logRatio(a: number, b: number): number {
  const relative = (a - b) / b;
  return Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(a / b);
}

/**
 * Kupiec's proportion of failures (J. Derivatives 3 (1995) 73–84): −2 ln[(1−p)^{N−n}pⁿ] +
 * 2 ln[(1−n/N)^{N−n}(n/N)ⁿ] against χ²(1). `probability` p is 1 − confidence of the VaR.
 */
export function kupiecTest(
  observations: number,
  exceptions: number,
  probability: number,
): Result<KupiecTest> {
  const fault =
    check.number(observations, 'observations', { atLeast: 1, integer: true }) ??
    check.number(exceptions, 'exceptions', { atLeast: 0, atMost: observations, integer: true }) ??
    check.probability(probability, 'probability');
  if (fault !== undefined) return fail(fault);
  const statistic = bernoulliRatio(observations - exceptions, exceptions, probability);
  const expected = observations * probability;
  return check.result({
    statistic,
    pValue: chiSquaredSf(statistic, 1),
    atMostProbability: binomialCdf(exceptions, observations, probability),
    atLeastProbability: binomialSfInclusive(exceptions, observations, probability),
    zScore: (exceptions - expected) / Math.sqrt(expected * (1 - probability)),
  });
}

/** Kupiec's time until first failure, v counted from 1: −2 ln[p(1−p)^{v−1}] + 2 ln[(1/v)(1−1/v)^{v−1}]. */
export function timeUntilFirstFailure(
  firstFailureAt: number,
  probability: number,
): Result<LikelihoodRatio> {
  const fault =
    check.number(firstFailureAt, 'firstFailureAt', { atLeast: 1, integer: true }) ??
    check.probability(probability, 'probability');
  if (fault !== undefined) return fail(fault);
  const statistic = bernoulliRatio(firstFailureAt - 1, 1, probability);
  return check.result({ statistic, pValue: chiSquaredSf(statistic, 1) });
}

export interface AcceptedExceptions {
  readonly minimum: number;
  readonly maximum: number;
}

/** Most observations of one call; the search is linear in them. */
const REGION_OBSERVATIONS_MAX = 1_000_000;

/** The counts of exceptions whose Kupiec p-value exceeds `testLevel`; a fault where none does. */
export function kupiecRegion(
  observations: number,
  probability: number,
  testLevel: number,
): Result<AcceptedExceptions> {
  const fault =
    check.number(observations, 'observations', {
      atLeast: 1,
      atMost: REGION_OBSERVATIONS_MAX,
      integer: true,
    }) ??
    check.probability(probability, 'probability') ??
    check.probability(testLevel, 'testLevel');
  if (fault !== undefined) return fail(fault);
  const accepted = (exceptions: number): boolean =>
    chiSquaredSf(bernoulliRatio(observations - exceptions, exceptions, probability), 1) > testLevel;
  const centre = Math.floor(observations * probability);
  const start = [centre, centre + 1].find((n) => n <= observations && accepted(n));
  if (start === undefined) {
    return fail(
      argumentFault(RISK_ERRORS.OUT_OF_DOMAIN, 'testLevel', {
        expected: 'a level at which some count is accepted',
        received: testLevel,
      }),
    );
  }
  let minimum = start;
  while (minimum > 0 && accepted(minimum - 1)) minimum--;
  let maximum = start;
  while (maximum < observations && accepted(maximum + 1)) maximum++;
  return check.result({ minimum, maximum });
}

export interface ChristoffersenTest {
  readonly observations: number;
  readonly exceptions: number;
  /** Transitions from state i to state j. */
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
  /** n01/(n00+n01). */
  readonly chanceAfterNone: number;
  /** n11/(n10+n11), 0 where no transition leaves an exception. */
  readonly chanceAfterException: number;
  /** (n01+n11)/(N−1). */
  readonly chance: number;
  readonly unconditional: LikelihoodRatio;
  readonly independence: LikelihoodRatio;
  /** Unconditional on all N observations plus independence, χ²(2). */
  readonly conditional: LikelihoodRatio;
  /** The unconditional part on the N − 1 transitions, as in the original. */
  readonly unconditionalFromTransitions: number;
  readonly conditionalFromTransitions: number;
}

/**
 * Christoffersen's independence and conditional coverage tests (International Economic Review 39 (1998)
 * 841–862) of a sequence of exceptions in time order.
 */
export function christoffersenTest(
  hits: readonly boolean[],
  probability: number,
): Result<ChristoffersenTest> {
  const fault =
    check.probability(probability, 'probability') ??
    check.number(hits.length, 'hits.length', { atLeast: 2 });
  if (fault !== undefined) return fail(fault);
  const counts = [0, 0, 0, 0];
  for (let t = 1; t < hits.length; t++) counts[(hits[t - 1] ? 2 : 0) + (hits[t] ? 1 : 0)]!++;
  const [n00, n01, n10, n11] = counts as [number, number, number, number];
  const exceptions = hits.filter(Boolean).length;
  const transitions = hits.length - 1;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const chance = share(n01 + n11, transitions);
  const chanceAfterNone = share(n01, n00 + n01);
  const chanceAfterException = share(n11, n10 + n11);
  const unconditional = bernoulliRatio(hits.length - exceptions, exceptions, probability);
  const independence = Math.max(
    0,
    -2 * logBernoulli(n00 + n10, n01 + n11, chance) +
      2 * logBernoulli(n00, n01, chanceAfterNone) +
      2 * logBernoulli(n10, n11, chanceAfterException),
  );
  const fromTransitions = bernoulliRatio(n00 + n10, n01 + n11, probability);
  const ratio = (statistic: number, degrees: number): LikelihoodRatio => ({
    statistic,
    pValue: chiSquaredSf(statistic, degrees),
  });
  return check.result({
    observations: hits.length,
    exceptions,
    n00,
    n01,
    n10,
    n11,
    chanceAfterNone,
    chanceAfterException,
    chance,
    unconditional: ratio(unconditional, 1),
    independence: ratio(independence, 1),
    conditional: ratio(unconditional + independence, 2),
    unconditionalFromTransitions: fromTransitions,
    conditionalFromTransitions: fromTransitions + independence,
  });
}

export type TrafficLight = 'green' | 'yellow' | 'red';

export interface BaselVerdict {
  /** P(N ≤ exceptions) if the model is right. */
  readonly cumulativeProbability: number;
  readonly zone: TrafficLight;
  /** Added to the multiplier of 3. */
  readonly multiplierAddOn: number;
}

const YELLOW_FROM = 0.95;
const RED_FROM = 0.9999;
/** Add-ons of the yellow zone at 250 observations and 1 %, from 5 exceptions on. */
const YELLOW_ADD_ONS = [0.4, 0.5, 0.65, 0.75, 0.85];
const FIRST_YELLOW = 5;

/**
 * Traffic light of the Basel Committee, "Supervisory framework for the use of backtesting in conjunction
 * with the internal models approach" (1996), table 2: yellow from a cumulative probability of 95 %, red
 * from 99.99 %. The add-ons are printed for 250 observations at 1 %; for others, the add-on of the count
 * with the next higher cumulative probability there.
 */
export function baselTrafficLight(
  observations: number,
  exceptions: number,
  probability: number,
): Result<BaselVerdict> {
  const fault =
    check.number(observations, 'observations', { atLeast: 1, integer: true }) ??
    check.number(exceptions, 'exceptions', { atLeast: 0, atMost: observations, integer: true }) ??
    check.probability(probability, 'probability');
  if (fault !== undefined) return fail(fault);
  const cumulativeProbability = binomialCdf(exceptions, observations, probability);
  const zone: TrafficLight =
    cumulativeProbability < YELLOW_FROM
      ? 'green'
      : cumulativeProbability < RED_FROM
        ? 'yellow'
        : 'red';
  return check.result({
    cumulativeProbability,
    zone,
    multiplierAddOn: addOnOf(zone, cumulativeProbability),
  });
}

function addOnOf(zone: TrafficLight, cumulativeProbability: number): number {
  if (zone === 'green') return 0;
  if (zone === 'red') return 1;
  const step = YELLOW_ADD_ONS.findIndex(
    (_, i) => binomialCdf(FIRST_YELLOW + i, 250, 0.01) >= cumulativeProbability * (1 - 1e-12),
  );
  return YELLOW_ADD_ONS[step] ?? YELLOW_ADD_ONS[YELLOW_ADD_ONS.length - 1]!;
}
