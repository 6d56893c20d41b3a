import { fail, ok, type Result } from '@cerberus/core';
import { levenbergMarquardt } from '@cerberus/stats';
import { faultOfPositive, faultOutside, numberFault, SURFACE_ERRORS } from './errors.ts';
import {
  alphaFromAtTheMoney,
  type SabrParameters,
  type SabrPoint,
  sabrVolatilitiesUnchecked,
} from './sabr.ts';

export interface SabrQuotes {
  readonly forward: number;
  readonly timeYears: number;
  readonly strikes: readonly number[];
  /** Lognormal volatilities of the shifted quantities. */
  readonly volatilities: readonly number[];
  /** Bid and ask volatilities, for the counts of quotes inside and outside. */
  readonly bids?: readonly number[];
  readonly asks?: readonly number[];
  /** Weights of the squared volatility errors; 1 where absent. */
  readonly weights?: readonly number[];
}

export interface SabrFitOptions {
  /** Fixed exponent; free where absent. */
  readonly beta?: number;
  readonly shift?: number;
}

export interface SabrFit {
  readonly parameters: SabrParameters;
  /** Largest and root-mean-square error in volatility (0.01 = one vol point). */
  readonly maximumError: number;
  readonly rmse: number;
  /** Quotes whose model volatility lies inside and outside bid and ask, where those were given. */
  readonly inside: number;
  readonly outside: number;
}

const RHO_STARTS = [-0.6, 0, 0.6] as const;
/** Starting volatilities of volatility, over √T. */
const NU_STARTS = [0.05, 0.4, 1.2] as const;
const RHO_MAX = 0.9999;

function faultOfQuotes(quotes: SabrQuotes, options: SabrFitOptions) {
  const { strikes, volatilities } = quotes;
  const shift = options.shift ?? 0;
  const needed = options.beta === undefined ? 4 : 3;
  if (strikes.length !== volatilities.length) {
    return numberFault(SURFACE_ERRORS.LENGTH_MISMATCH, 'volatilities', {
      expected: `${strikes.length} rows`,
      received: volatilities.length,
    });
  }
  if (strikes.length < needed) {
    return numberFault(SURFACE_ERRORS.TOO_FEW_QUOTES, 'strikes', {
      expected: `at least ${needed} quotes`,
      received: strikes.length,
    });
  }
  let fault =
    faultOfPositive(quotes.timeYears, 'timeYears') ??
    faultOfPositive(quotes.forward + shift, 'forward + shift') ??
    (options.beta === undefined ? undefined : faultOutside(options.beta, [0, 1], 'beta'));
  for (const [row, strike] of strikes.entries()) {
    fault ??=
      faultOfPositive(strike + shift, `strikes[${row}] + shift`) ??
      faultOfPositive(volatilities[row]!, `volatilities[${row}]`);
  }
  return fault;
}

/** Unbounded coordinates (ln α, ln ν, atanh ρ[, logit β]) of the parameters. */
function decode(x: ArrayLike<number>, options: SabrFitOptions): SabrParameters {
  return {
    alpha: Math.exp(x[0]!),
    nu: Math.exp(x[1]!),
    rho: RHO_MAX * Math.tanh(x[2]!),
    beta: options.beta ?? 1 / (1 + Math.exp(-x[3]!)),
    shift: options.shift ?? 0,
  };
}

/**
 * SABR by weighted least squares in Hagan's lognormal volatility: Levenberg-Marquardt in unbounded
 * coordinates from nine starts whose α fits the quote nearest the money; β fixed or free. Exact data are
 * reproduced to 1e-10 in volatility. ρ (and β where free) are weakly determined where ν√T is small.
 */
export function fitSabr(quotes: SabrQuotes, options: SabrFitOptions = {}): Result<SabrFit> {
  const fault = faultOfQuotes(quotes, options);
  if (fault !== undefined) return fail(fault);
  const { forward, timeYears, strikes, volatilities } = quotes;
  const points: SabrPoint[] = strikes.map((strike) => ({ forward, strike, timeYears }));
  const weights = strikes.map((_, row) => Math.sqrt(quotes.weights?.[row] ?? 1));
  const residuals = (x: Float64Array, out: Float64Array) => {
    const parameters = decode(x, options);
    for (const [row, point] of points.entries()) {
      const model = sabrVolatilitiesUnchecked(parameters, point).lognormal;
      out[row] = weights[row]! * (model - volatilities[row]!);
    }
  };
  let best: { readonly at: Float64Array; readonly value: number } | undefined;
  for (const start of startsOf(quotes, options)) {
    const run = levenbergMarquardt(residuals, start, { residualCount: strikes.length });
    if (run.ok && (best === undefined || run.value.value < best.value)) best = run.value;
    if (best !== undefined && best.value < 1e-24 * strikes.length) break;
  }
  if (best === undefined) {
    return fail(
      numberFault(SURFACE_ERRORS.CALIBRATION_FAILED, 'volatilities', {
        expected: 'a smile that SABR can follow',
        received: `${strikes.length} quotes`,
      }),
    );
  }
  return ok(report(decode(best.at, options), quotes, points));
}

function startsOf(quotes: SabrQuotes, options: SabrFitOptions): number[][] {
  const { forward, timeYears, strikes, volatilities } = quotes;
  let nearest = 0;
  for (const [row, strike] of strikes.entries()) {
    if (Math.abs(strike - forward) < Math.abs(strikes[nearest]! - forward)) nearest = row;
  }
  const starts: number[][] = [];
  const beta = options.beta ?? 0.7;
  for (const scale of NU_STARTS) {
    for (const rho of RHO_STARTS) {
      const nu = scale / Math.sqrt(timeYears);
      const alpha = alphaFromAtTheMoney(
        volatilities[nearest]!,
        { forward, timeYears },
        { beta, nu, rho, shift: options.shift ?? 0 },
      );
      if (!alpha.ok) continue;
      const start = [Math.log(alpha.value), Math.log(nu), Math.atanh(rho / RHO_MAX)];
      if (options.beta === undefined) start.push(Math.log(beta / (1 - beta)));
      starts.push(start);
    }
  }
  return starts;
}

function report(
  parameters: SabrParameters,
  quotes: SabrQuotes,
  points: readonly SabrPoint[],
): SabrFit {
  let [maximumError, sum, inside, outside] = [0, 0, 0, 0];
  for (const [row, point] of points.entries()) {
    const model = sabrVolatilitiesUnchecked(parameters, point).lognormal;
    const error = model - quotes.volatilities[row]!;
    maximumError = Math.max(maximumError, Math.abs(error));
    sum += error * error;
    const [bid, ask] = [quotes.bids?.[row], quotes.asks?.[row]];
    if (bid === undefined || ask === undefined) continue;
    if (model >= bid && model <= ask) inside += 1;
    else outside += 1;
  }
  return { parameters, maximumError, rmse: Math.sqrt(sum / points.length), inside, outside };
}
