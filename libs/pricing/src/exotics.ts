import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { normalCdf } from '@cerberus/stats';
import { faultOfFields, faultOutside, PRICING_ERRORS } from './errors.ts';
import { type EuropeanOption, europeanPrice } from './european.ts';

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
  volatility: 'positive',
} as const;

const FIXINGS = [1, 100_000] as const;

/**
 * Option on the geometric average of S(iT/n), i = 1 … n, paid at T: lognormal, priced as a European
 * option on its mean. Source: A. Kemna, A. Vorst, J. Banking Finance 14 (1990) 113-129.
 */
export function geometricAsianPrice(option: EuropeanOption, fixings: number): Result<number> {
  const fault = faultOfFields(option, RULES) ?? faultOutside(fixings, FIXINGS, 'fixings');
  if (fault !== undefined) return fail(fault);
  const { timeYears, rate, dividendYield, volatility } = option;
  const meanTime = (timeYears * (fixings + 1)) / (2 * fixings);
  const varianceTime = (timeYears * (fixings + 1) * (2 * fixings + 1)) / (6 * fixings * fixings);
  const variance = volatility * volatility;
  // ln E(G/S): drift over the mean time, with half the variance of ln G in place of that of ln S.
  const growth = (rate - dividendYield - 0.5 * variance) * meanTime + 0.5 * variance * varianceTime;
  return europeanPrice({
    ...option,
    dividendYield: rate - growth / timeYears,
    volatility: volatility * Math.sqrt(varianceTime / timeYears),
  });
}

/**
 * Down-and-out call, barrier watched continuously, no rebate. Zero where the spot is at the barrier or
 * below. Source: E. Reiner, M. Rubinstein, Risk 4 (1991) 28-35.
 */
export function downAndOutCallPrice(
  option: Omit<EuropeanOption, 'kind'>,
  barrier: number,
): Result<number> {
  const fault = faultOfFields({ ...option, barrier }, { ...RULES, barrier: 'positive' });
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  if (spot <= barrier) return ok(0);
  const total = volatility * Math.sqrt(timeYears);
  const drift = (rate - dividendYield) / (volatility * volatility) + 0.5;
  const share = spot * Math.exp(-dividendYield * timeYears);
  const debt = strike * Math.exp(-rate * timeYears);
  const reflected = barrier / spot;
  const leg = (z: number, shareFactor: number, debtFactor: number) =>
    share * shareFactor * normalCdf(z) - debt * debtFactor * normalCdf(z - total);
  const trigger = Math.max(strike, barrier);
  const direct = leg(Math.log(spot / trigger) / total + drift * total, 1, 1);
  const mirrored = leg(
    Math.log((barrier * barrier) / (spot * trigger)) / total + drift * total,
    reflected ** (2 * drift),
    reflected ** (2 * drift - 2),
  );
  return ok(Math.max(direct - mirrored, 0));
}

/** Two correlated assets, each with a continuous yield. */
export interface ExchangeOption {
  readonly spot: number;
  readonly otherSpot: number;
  readonly timeYears: number;
  readonly dividendYield: number;
  readonly otherDividendYield: number;
  readonly volatility: number;
  readonly otherVolatility: number;
  readonly correlation: number;
}

const EXCHANGE_RULES = {
  spot: 'positive',
  otherSpot: 'positive',
  timeYears: 'time',
  dividendYield: 'finite',
  otherDividendYield: 'finite',
  volatility: 'non-negative',
  otherVolatility: 'non-negative',
} as const;

/** Pays max(S₁ − S₂, 0): a call on S₁ struck at S₂, with q₂ for the rate (Margrabe 1978). */
export function exchangePrice(option: ExchangeOption): Result<number> {
  const fault =
    faultOfFields(option, EXCHANGE_RULES) ??
    faultOutside(option.correlation, [-1, 1], 'correlation');
  if (fault !== undefined) return fail(fault);
  const { volatility, otherVolatility, correlation } = option;
  const variance =
    volatility * volatility +
    otherVolatility * otherVolatility -
    2 * correlation * volatility * otherVolatility;
  return europeanPrice({
    kind: 'call',
    spot: option.spot,
    strike: option.otherSpot,
    timeYears: option.timeYears,
    rate: option.otherDividendYield,
    dividendYield: option.dividendYield,
    volatility: Math.sqrt(Math.max(variance, 0)),
  });
}

export interface TerminalLaw {
  readonly mean: number;
  readonly variance: number;
  /** Risk-neutral P(S_T > K). */
  readonly probabilityAbove: number;
  /** Discounted value of 1 paid where S_T > K. */
  readonly cashOrNothingCall: number;
  /** Standard deviation of the discounted call payoff: over √N the error of plain Monte Carlo. */
  readonly callPayoffDeviation: number;
}

/** The lognormal terminal law and the first two moments of a call's payoff under it. */
export function terminalLaw(option: Omit<EuropeanOption, 'kind'>): Result<TerminalLaw> {
  const fault = faultOfFields(option, RULES);
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const variance = volatility * volatility * timeYears;
  const total = Math.sqrt(variance);
  const mean = spot * Math.exp((rate - dividendYield) * timeYears);
  const second = (Math.log(mean / strike) - 0.5 * variance) / total;
  const discount = Math.exp(-rate * timeYears);
  const [cash, share, square] = [
    normalCdf(second),
    mean * normalCdf(second + total),
    mean * mean * Math.exp(variance) * normalCdf(second + 2 * total),
  ];
  const payoff = share - strike * cash;
  const payoffSquare = square - 2 * strike * share + strike * strike * cash;
  const law = {
    mean,
    variance: mean * mean * Math.expm1(variance),
    probabilityAbove: cash,
    cashOrNothingCall: discount * cash,
    callPayoffDeviation: discount * Math.sqrt(Math.max(payoffSquare - payoff * payoff, 0)),
  };
  if (!Object.values(law).every(Number.isFinite)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'law' }));
  }
  return ok(law);
}
