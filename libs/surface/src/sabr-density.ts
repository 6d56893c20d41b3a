import { fail, ok, type Result } from '@cerberus/core';
import { findRoot } from '@cerberus/stats';
import { densityOfLogMoneyness } from './butterfly.ts';
import { faultOfPositive } from './errors.ts';
import { type Chi, chiOf, faultOfSabr, logRatio, type SabrParameters } from './sabr.ts';
import { variancePoint } from './svi.ts';

/** Value with two derivatives in x = ln(K/F) of the shifted quantities. */
type Jet = readonly [number, number, number];

const product = (a: Jet, b: Jet): Jet => [
  a[0] * b[0],
  a[1] * b[0] + a[0] * b[1],
  a[2] * b[0] + 2 * a[1] * b[1] + a[0] * b[2],
];
const scaled = (a: Jet, factor: number): Jet => [a[0] * factor, a[1] * factor, a[2] * factor];
const plus = (a: Jet, b: Jet): Jet => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const constant = (value: number): Jet => [value, 0, 0];
const compose = (a: Jet, value: number, first: number, second: number): Jet => [
  value,
  first * a[1],
  second * a[1] * a[1] + first * a[2],
];
const reciprocal = (a: Jet): Jet => compose(a, 1 / a[0], -1 / a[0] ** 2, 2 / a[0] ** 3);

const chi: Chi = { value: 0, first: 0, second: 0 };
const point = variancePoint();

interface Market {
  readonly forward: number;
  readonly timeYears: number;
}

/** Hagan's lognormal volatility with its first two derivatives in x = ln(K/F), exactly differentiated. */
function volatilityJet(parameters: SabrParameters, market: Market, x: number): Jet {
  const { alpha, beta, nu, rho } = parameters;
  const f = market.forward + (parameters.shift ?? 0);
  const co = 1 - beta;
  const log: Jet = [-x, -1, 0];
  // (fK)^{(1−β)/2} = f^{1−β} e^{(1−β)x/2}.
  const grown = f ** co * Math.exp(0.5 * co * x);
  const mean: Jet = [grown, 0.5 * co * grown, 0.25 * co * co * grown];
  const log2 = product(log, log);
  const spread = plus(
    plus(constant(1), scaled(log2, (co * co) / 24)),
    scaled(product(log2, log2), co ** 4 / 1920),
  );
  const inverse = reciprocal(mean);
  const z = scaled(product(mean, log), nu / alpha);
  chiOf(z[0], rho, chi);
  const ratio = compose(z, chi.value, chi.first, chi.second);
  const drift = plus(
    plus(
      constant(1 + ((2 - 3 * rho * rho) / 24) * nu * nu * market.timeYears),
      scaled(inverse, 0.25 * rho * beta * nu * alpha * market.timeYears),
    ),
    scaled(product(inverse, inverse), ((co * co * alpha * alpha) / 24) * market.timeYears),
  );
  const leading = scaled(product(inverse, reciprocal(spread)), alpha);
  return product(product(leading, ratio), drift);
}

/** ∂²C/∂K² of the undiscounted call at Hagan's lognormal volatility. */
function densityAt(parameters: SabrParameters, market: Market, strike: number): number {
  const shift = parameters.shift ?? 0;
  const x = -logRatio(market.forward + shift, strike + shift);
  const volatility = volatilityJet(parameters, market, x);
  const variance = scaled(product(volatility, volatility), market.timeYears);
  [point.w, point.slope, point.curvature] = variance;
  return densityOfLogMoneyness(x, point) / (strike + shift);
}

export interface SabrDensity {
  /** Density of the forward at each strike, per unit of the forward; negative where arbitrage is. */
  readonly densities: readonly number[];
  /** Highest strike below the forward at which the density changes sign, down to 1e-4 of the forward. */
  readonly zeroStrike: number | undefined;
}

const SCAN_STEPS = 800;
const SCAN_LOW = 1e-4;

/**
 * Density that Hagan's lognormal expansion implies. It is negative for low strikes at long maturities
 * (butterfly arbitrage of the expansion, not of the model); `zeroStrike` says from where.
 */
export function sabrDensity(
  parameters: SabrParameters,
  market: Market,
  strikes: readonly number[],
): Result<SabrDensity> {
  const shift = parameters.shift ?? 0;
  let fault =
    faultOfSabr(parameters) ??
    faultOfPositive(market.forward + shift, 'forward + shift') ??
    faultOfPositive(market.timeYears, 'timeYears');
  for (const [row, strike] of strikes.entries()) {
    fault ??= faultOfPositive(strike + shift, `strikes[${row}] + shift`);
  }
  if (fault !== undefined) return fail(fault);
  const densities = strikes.map((strike) => densityAt(parameters, market, strike));
  return ok({ densities, zeroStrike: zeroBelowForward(parameters, market) });
}

function zeroBelowForward(parameters: SabrParameters, market: Market): number | undefined {
  const shift = parameters.shift ?? 0;
  const shifted = market.forward + shift;
  const density = (logStrike: number) => densityAt(parameters, market, Math.exp(logStrike) - shift);
  const top = Math.log(shifted);
  const step = Math.log(SCAN_LOW) / SCAN_STEPS;
  let previous = density(top);
  for (let i = 1; i <= SCAN_STEPS; i++) {
    const value = density(top + i * step);
    if (value > 0 !== previous > 0) {
      const root = findRoot(density, { from: top + i * step, to: top + (i - 1) * step });
      return root.ok ? Math.exp(root.value) - shift : undefined;
    }
    previous = value;
  }
  return undefined;
}
