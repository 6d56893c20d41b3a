import type { EuropeanOption } from './european.ts';
import type { ExchangeOption } from './exotics.ts';
import { signOf } from './greeks.ts';
import type { PathModel } from './monte-carlo.ts';

/**
 * Path models under geometric Brownian motion, exact at their dates. Inputs are allowed ones: the
 * functions that build on them check (`europeanPrice` and its kin refuse the same fields).
 */

/** European payoff from one draw; the control is the discounted terminal spot, mean S e^{−qT}. */
export function europeanPaths(option: EuropeanOption): PathModel {
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const sign = signOf(option.kind);
  const discount = Math.exp(-rate * timeYears);
  const total = volatility * Math.sqrt(timeYears);
  const start = spot * Math.exp(-dividendYield * timeYears - 0.5 * total * total);
  const present = strike * discount;
  return {
    normals: 1,
    controlMean: spot * Math.exp(-dividendYield * timeYears),
    evaluate(draws, offset, out) {
      const terminal = start * Math.exp(total * draws[offset]!);
      out.payoff = Math.max(sign * (terminal - present), 0);
      out.control = terminal;
    },
  };
}

/** Average-price option on n equidistant fixings; `arithmetic` carries the geometric payoff as control. */
export function asianPaths(
  option: EuropeanOption,
  fixings: number,
  average: { readonly kind: 'geometric' } | { readonly kind: 'arithmetic'; controlMean: number },
): PathModel {
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const sign = signOf(option.kind);
  const step = timeYears / fixings;
  const drift = (rate - dividendYield - 0.5 * volatility * volatility) * step;
  const swing = volatility * Math.sqrt(step);
  const discount = Math.exp(-rate * timeYears);
  const start = Math.log(spot);
  const isArithmetic = average.kind === 'arithmetic';
  return {
    normals: fixings,
    ...(isArithmetic && { controlMean: average.controlMean }),
    evaluate(draws, offset, out) {
      let logSpot = start;
      let logSum = 0;
      let sum = 0;
      for (let i = 0; i < fixings; i += 1) {
        logSpot += drift + swing * draws[offset + i]!;
        logSum += logSpot;
        if (isArithmetic) sum += Math.exp(logSpot);
      }
      const geometric = discount * Math.max(sign * (Math.exp(logSum / fixings) - strike), 0);
      out.control = geometric;
      out.payoff = isArithmetic
        ? discount * Math.max(sign * (sum / fixings - strike), 0)
        : geometric;
    },
  };
}

/**
 * Down-and-out call on a grid of dates; between them the Brownian bridge's exact probability of staying
 * above the barrier weighs the payoff, so that the continuously watched barrier has no bias.
 */
export function downAndOutPaths(
  option: Omit<EuropeanOption, 'kind'>,
  barrier: number,
  steps: number,
): PathModel {
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const step = timeYears / steps;
  const drift = (rate - dividendYield - 0.5 * volatility * volatility) * step;
  const variance = volatility * volatility * step;
  const swing = Math.sqrt(variance);
  const discount = Math.exp(-rate * timeYears);
  const start = Math.log(spot / barrier);
  return {
    normals: steps,
    controlMean: spot * Math.exp(-dividendYield * timeYears),
    evaluate(draws, offset, out) {
      let above = start;
      let survival = 1;
      let last = above;
      for (let i = 0; i < steps; i += 1) {
        last += drift + swing * draws[offset + i]!;
        if (last <= 0 || above <= 0) survival = 0;
        else survival *= -Math.expm1((-2 * above * last) / variance);
        above = last;
      }
      const terminal = barrier * Math.exp(last);
      out.payoff = survival * discount * Math.max(terminal - strike, 0);
      out.control = discount * terminal;
    },
  };
}

/** Exchange option from two correlated draws; the control is the discounted difference of the spots. */
export function exchangePaths(option: ExchangeOption): PathModel {
  const { spot, otherSpot, timeYears, dividendYield, otherDividendYield } = option;
  const root = Math.sqrt(timeYears);
  const [first, second] = [option.volatility * root, option.otherVolatility * root];
  const [start, otherStart] = [
    spot * Math.exp(-dividendYield * timeYears - 0.5 * first * first),
    otherSpot * Math.exp(-otherDividendYield * timeYears - 0.5 * second * second),
  ];
  const { correlation } = option;
  const independent = Math.sqrt(Math.max(1 - correlation * correlation, 0));
  return {
    normals: 2,
    controlMean:
      spot * Math.exp(-dividendYield * timeYears) -
      otherSpot * Math.exp(-otherDividendYield * timeYears),
    evaluate(draws, offset, out) {
      const z = draws[offset]!;
      const other = correlation * z + independent * draws[offset + 1]!;
      const difference = start * Math.exp(first * z) - otherStart * Math.exp(second * other);
      out.payoff = Math.max(difference, 0);
      out.control = difference;
    },
  };
}
