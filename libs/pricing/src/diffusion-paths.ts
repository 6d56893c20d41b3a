import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { normalCdf, normalSf } from '@cerberus/stats';
import { faultOfFields, faultOutside, PRICING_ERRORS } from './errors.ts';
import type { EuropeanOption } from './european.ts';
import type { LocalVolatilityFunction } from './finite-differences.ts';
import { signOf } from './greeks.ts';
import type { HestonOption } from './heston.ts';
import { faultOfHeston, type JumpParameters } from './heston-characteristic.ts';
import type { PathModel } from './monte-carlo.ts';

/** Ratio s²/m² above which the next variance has an atom at zero (Andersen's ψ_c). */
const SWITCH = 1.5;
const STEP_LIMITS = [1, 100_000] as const;
/** A compound Poisson count beyond this has no probability left at the means allowed. */
const JUMPS_MAX = 10_000;
const JUMP_MEAN_MAX = 500;

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
} as const;

/**
 * Heston or Bates paths by the quadratic-exponential scheme with martingale correction: the variance is
 * drawn from a law with its exact first two moments, and the discounted spot is a martingale on any
 * grid. Two draws a step and two more where there are jumps; the control is the discounted spot.
 *
 * Source: L. Andersen, "Efficient simulation of the Heston stochastic volatility model", J. Comp.
 * Finance 11 (2008) 1-42, section 3.2.4 and equations 33, 46-51 (γ₁ = γ₂ = ½).
 */
export function hestonPaths(
  option: HestonOption & { readonly kind: 'call' | 'put' },
  steps: number,
): Result<PathModel> {
  const { parameters } = option;
  const fault =
    faultOfFields(option, RULES) ??
    faultOfHeston(parameters) ??
    faultOfFields(parameters, { volatilityOfVariance: 'positive' }) ??
    faultOutside(steps, STEP_LIMITS, 'steps');
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield } = option;
  const { jumps } = parameters;
  const sign = signOf(option.kind);
  const jump = jumps === undefined ? undefined : compoundPoisson(jumps, timeYears);
  if (jump !== undefined && !jump.ok) return jump;
  const advance = quadraticExponential(option, timeYears / steps);
  const discount = Math.exp(-rate * timeYears);
  const state = { logSpot: 0, variance: 0 };
  const start = Math.log(spot) + (rate - dividendYield) * timeYears;
  return ok({
    normals: 2 * steps + (jump === undefined ? 0 : 2),
    controlMean: spot * Math.exp(-dividendYield * timeYears),
    evaluate(draws, offset, out) {
      state.logSpot = start;
      state.variance = parameters.variance;
      for (let i = 0; i < steps; i += 1) {
        advance(state, draws[offset + 2 * i]!, draws[offset + 2 * i + 1]!);
      }
      if (jump?.ok === true) {
        const at = offset + 2 * steps;
        state.logSpot += jump.value(draws[at]!, draws[at + 1]!);
      }
      const terminal = discount * Math.exp(state.logSpot);
      out.payoff = Math.max(sign * (terminal - discount * strike), 0);
      out.control = terminal;
    },
  });
}

interface HestonState {
  logSpot: number;
  variance: number;
}

function quadraticExponential({ parameters }: HestonOption, step: number) {
  const { meanReversion, longRunVariance, volatilityOfVariance, correlation } = parameters;
  const fade = Math.exp(-meanReversion * step);
  const square = (volatilityOfVariance * volatilityOfVariance) / meanReversion;
  const [slope, constant] = [square * fade * (1 - fade), 0.5 * square * (1 - fade) ** 2];
  const lean = correlation / volatilityOfVariance;
  // K₁ cancels against the correction; K₃ = K₄ for γ₁ = γ₂ = ½.
  const k2 = 0.5 * step * (meanReversion * lean - 0.5) + lean;
  const k3 = 0.5 * step * (1 - correlation * correlation);
  const tilt = k2 + 0.5 * k3;
  return (state: HestonState, z: number, independent: number): void => {
    const old = state.variance;
    const mean = longRunVariance + (old - longRunVariance) * fade;
    const spread = old * slope + longRunVariance * constant;
    let next = 0;
    // ln E exp(A·next), which the drift gives back.
    let correction = 0;
    if (mean > 0) {
      const ratio = spread / (mean * mean);
      if (ratio <= SWITCH) {
        const inverse = 2 / ratio;
        const b2 = inverse - 1 + Math.sqrt(inverse * (inverse - 1));
        const a = mean / (1 + b2);
        next = a * (Math.sqrt(b2) + z) ** 2;
        const room = 1 - 2 * tilt * a;
        correction = room > 0 ? (tilt * b2 * a) / room - 0.5 * Math.log(room) : tilt * mean;
      } else {
        const atom = (ratio - 1) / (ratio + 1);
        const decay = (1 - atom) / mean;
        if (normalCdf(z) > atom) next = Math.log((1 - atom) / normalSf(z)) / decay;
        correction =
          tilt < decay ? Math.log(atom + (decay * (1 - atom)) / (decay - tilt)) : tilt * mean;
      }
    }
    const deviation = Math.sqrt(Math.max(k3 * (old + next), 0));
    state.logSpot += -correction - 0.5 * k3 * old + k2 * next + deviation * independent;
    state.variance = next;
  };
}

/** Compensated sum of the jumps over the whole time from two draws: the count and the sum given it. */
function compoundPoisson(
  { intensity, logMean, logDeviation }: JumpParameters,
  timeYears: number,
): Result<(count: number, size: number) => number> {
  const mean = intensity * timeYears;
  const fault = faultOutside(mean, [0, JUMP_MEAN_MAX], 'jumps.intensity times timeYears');
  if (fault !== undefined) return fail(fault);
  const compensator = mean * Math.expm1(logMean + 0.5 * logDeviation * logDeviation);
  return ok((count, size) => {
    const target = normalCdf(count);
    let probability = Math.exp(-mean);
    let total = probability;
    let jumps = 0;
    while (total < target && jumps < JUMPS_MAX) {
      jumps += 1;
      probability *= mean / jumps;
      total += probability;
    }
    return jumps * logMean + Math.sqrt(jumps) * logDeviation * size - compensator;
  });
}

/** Merton's jump diffusion, exact from three draws; the control is the discounted spot. */
export function mertonPaths(
  option: EuropeanOption & { readonly jumps: JumpParameters },
): Result<PathModel> {
  const fault = faultOfFields(option, { ...RULES, volatility: 'non-negative' });
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const jump = compoundPoisson(option.jumps, timeYears);
  if (!jump.ok) return jump;
  const sign = signOf(option.kind);
  const total = volatility * Math.sqrt(timeYears);
  const discount = Math.exp(-rate * timeYears);
  const start = spot * Math.exp(-dividendYield * timeYears - 0.5 * total * total);
  return ok({
    normals: 3,
    controlMean: spot * Math.exp(-dividendYield * timeYears),
    evaluate(draws, offset, out) {
      const jumped = jump.value(draws[offset + 1]!, draws[offset + 2]!);
      const terminal = start * Math.exp(total * draws[offset]! + jumped);
      out.payoff = Math.max(sign * (terminal - discount * strike), 0);
      out.control = terminal;
    },
  });
}

/**
 * European payoff under a local volatility σ(S, t), log-Euler with the volatility of the middle of each
 * step; weak error O(step). The control is the discounted spot, a martingale on any grid.
 */
export function localVolatilityPaths(
  option: Omit<EuropeanOption, 'volatility'> & {
    readonly localVolatility: LocalVolatilityFunction;
  },
  steps: number,
): Result<PathModel> {
  const fault = faultOfFields(option, RULES) ?? faultOutside(steps, STEP_LIMITS, 'steps');
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, localVolatility } = option;
  const first = localVolatility(spot, 0);
  if (!(first >= 0 && first < Number.POSITIVE_INFINITY)) {
    return fail(
      faultOf(PRICING_ERRORS.OUT_OF_RANGE, {
        path: 'localVolatility',
        expected: 'a finite volatility >= 0 at every spot and time',
        received: String(first),
      }),
    );
  }
  const sign = signOf(option.kind);
  const step = timeYears / steps;
  const root = Math.sqrt(step);
  const drift = (rate - dividendYield) * step;
  const discount = Math.exp(-rate * timeYears);
  return ok({
    normals: steps,
    controlMean: spot * Math.exp(-dividendYield * timeYears),
    evaluate(draws, offset, out) {
      let current = spot;
      for (let i = 0; i < steps; i += 1) {
        const volatility = localVolatility(current, (i + 0.5) * step);
        const variance = volatility * volatility * step;
        current *= Math.exp(drift - 0.5 * variance + volatility * root * draws[offset + i]!);
      }
      out.payoff = discount * Math.max(sign * (current - strike), 0);
      out.control = discount * current;
    },
  });
}
