import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { findRoot } from '@cerberus/stats';
import {
  faultOfNumbers,
  faultOfPositive,
  faultOutside,
  numberFault,
  SURFACE_ERRORS,
} from './errors.ts';

/** dF = α F^β dW₁, dα = ν α dW₂, corr ρ; α(0) = alpha. `shift` is added to forward and strike. */
export interface SabrParameters {
  readonly alpha: number;
  /** In [0, 1]. */
  readonly beta: number;
  readonly nu: number;
  readonly rho: number;
  readonly shift?: number;
}

export interface SabrPoint {
  readonly forward: number;
  readonly strike: number;
  readonly timeYears: number;
}

export interface SabrVolatilities {
  /** Hagan et al. (2002) equation 2.17a, per √year, of the shifted quantities. */
  readonly lognormal: number;
  /** Their normal volatility (B.67), in units of the forward per √year. */
  readonly normal: number;
  /** Lognormal with the leading term of Obłój, "Fine-tune your smile" (2008). */
  readonly obloj: number;
}

/** Terms of the Legendre series of x(z)/z; at |z| ≤ 0.1 the last is below 1e-17. */
const SERIES_TERMS = 18;
const SERIES_BOUND = 0.1;

/** Value and two derivatives of χ(z) = z/x(z). */
export interface Chi {
  value: number;
  first: number;
  second: number;
}

/**
 * χ(z) = z/x(z), x(z) = ln((√(1−2ρz+z²) + z − ρ)/(1−ρ)). Since x′ = (1−2ρz+z²)^{−1/2} generates the
 * Legendre polynomials, x(z)/z = Σ Pₙ(ρ) zⁿ/(n+1), which is summed near z = 0, so that the limit at the
 * money is exact and nothing is lost next to it; elsewhere the form of the logarithm without cancellation
 * is taken on each side.
 */
export function chiOf(z: number, rho: number, out: Chi): Chi {
  let x = 0;
  let xFirst = 0;
  let xSecond = 0;
  if (Math.abs(z) < SERIES_BOUND) {
    let [before, legendre, power] = [0, 1, 1];
    let [r, r1, r2] = [0, 0, 0];
    let [power1, power2] = [0, 0];
    for (let n = 0; n < SERIES_TERMS; n++) {
      const coefficient = legendre / (n + 1);
      r += coefficient * power;
      r1 += coefficient * n * power1;
      r2 += coefficient * n * (n - 1) * power2;
      power2 = power1;
      power1 = power;
      power *= z;
      [before, legendre] = [legendre, ((2 * n + 1) * rho * legendre - n * before) / (n + 1)];
    }
    out.value = 1 / r;
    out.first = -r1 / (r * r);
    out.second = (2 * r1 * r1) / (r * r * r) - r2 / (r * r);
    return out;
  }
  const square = 1 + z * (z - 2 * rho);
  const root = Math.sqrt(square);
  x =
    z > rho ? Math.log((root + (z - rho)) / (1 - rho)) : -Math.log((root - (z - rho)) / (1 + rho));
  xFirst = 1 / root;
  xSecond = (rho - z) / (root * square);
  out.value = z / x;
  out.first = (x - z * xFirst) / (x * x);
  out.second = (-z * xSecond) / (x * x) - (2 * xFirst * (x - z * xFirst)) / (x * x * x);
  return out;
}

const chi: Chi = { value: 0, first: 0, second: 0 };

/** expm1(x)/x with its limit 1 at 0. */
function relativeGrowth(x: number): number {
  return x === 0 ? 1 : Math.expm1(x) / x;
}

/** ln(f/K), exact to rounding next to the money. */
export function logRatio(forward: number, strike: number): number {
  const relative = (forward - strike) / strike;
  return Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(forward / strike);
}

/** The three volatilities without checks, for inner loops: parameters and point must be valid. */
export function sabrVolatilitiesUnchecked(
  parameters: SabrParameters,
  point: SabrPoint,
): SabrVolatilities {
  const { alpha, beta, nu, rho } = parameters;
  const shift = parameters.shift ?? 0;
  const [f, k] = [point.forward + shift, point.strike + shift];
  const log = logRatio(f, k);
  const co = 1 - beta;
  const mean = (f * k) ** (0.5 * co);
  const log2 = log * log;
  const spread = 1 + (co * co * log2) / 24 + (co ** 4 * log2 * log2) / 1920;
  const common = (rho * beta * nu * alpha) / (4 * mean) + ((2 - 3 * rho * rho) / 24) * nu * nu;
  const quadratic = (alpha * alpha) / (24 * mean * mean);
  const drift = 1 + (co * co * quadratic + common) * point.timeYears;
  const normalDrift = 1 + (-beta * (2 - beta) * quadratic + common) * point.timeYears;
  const ratio = chiOf((nu / alpha) * mean * log, rho, chi).value;
  const normalSpread = 1 + log2 / 24 + (log2 * log2) / 1920;
  const backbone = k ** co * relativeGrowth(co * log);
  const fineRatio = chiOf((nu / alpha) * backbone * log, rho, chi).value;
  return {
    lognormal: (alpha / (mean * spread)) * ratio * drift,
    normal: ((alpha * (f * k) ** (0.5 * beta) * normalSpread) / spread) * ratio * normalDrift,
    obloj: (alpha / backbone) * fineRatio * drift,
  };
}

export function faultOfSabr(parameters: SabrParameters): Fault | undefined {
  const { alpha, beta, nu, rho, shift = 0 } = parameters;
  return (
    faultOfPositive(alpha, 'alpha') ??
    faultOutside(beta, [0, 1], 'beta') ??
    faultOutside(nu, [0, Number.MAX_VALUE], 'nu') ??
    faultOutside(rho, [-1 + 1e-12, 1 - 1e-12], 'rho') ??
    faultOfNumbers({ shift })
  );
}

function faultOfPoint(point: SabrPoint, shift: number): Fault | undefined {
  return (
    faultOfPositive(point.timeYears, 'timeYears') ??
    faultOfPositive(point.forward + shift, 'forward + shift') ??
    faultOfPositive(point.strike + shift, 'strike + shift')
  );
}

/**
 * SABR implied volatilities by the expansions of Hagan, Kumar, Lesniewski and Woodward, "Managing smile
 * risk", Wilmott (2002), and Obłój's variant. Relative 1e-12 to the formulas, at the money included.
 * The formulas are asymptotic in T: at long maturities and low strikes they imply negative densities
 * (see `sabrDensity`).
 */
export function sabrVolatilities(
  parameters: SabrParameters,
  point: SabrPoint,
): Result<SabrVolatilities> {
  const fault = faultOfSabr(parameters) ?? faultOfPoint(point, parameters.shift ?? 0);
  if (fault !== undefined) return fail(fault);
  const values = sabrVolatilitiesUnchecked(parameters, point);
  const wrong =
    faultOfPositive(values.lognormal, 'lognormal') ??
    faultOfNumbers({ normal: values.normal, obloj: values.obloj });
  return wrong === undefined ? ok(values) : fail(wrong);
}

/**
 * The α at which Hagan's lognormal volatility at the money is `volatility`: smallest positive root of
 * the cubic α f^{β−1}[1 + ((1−β)²/24·α²f^{2β−2} + ρβνα f^{β−1}/4 + (2−3ρ²)ν²/24)T] = σ.
 */
export function alphaFromAtTheMoney(
  volatility: number,
  market: { readonly forward: number; readonly timeYears: number },
  parameters: Omit<SabrParameters, 'alpha'>,
): Result<number> {
  const { beta, nu, rho, shift = 0 } = parameters;
  const fault =
    faultOfPositive(volatility, 'volatility') ??
    faultOfSabr({ ...parameters, alpha: 1 }) ??
    faultOfPoint({ ...market, strike: market.forward }, shift);
  if (fault !== undefined) return fail(fault);
  const scale = (market.forward + shift) ** (beta - 1);
  const time = market.timeYears;
  const cubic = ((1 - beta) ** 2 / 24) * time;
  const square = 0.25 * rho * beta * nu * time;
  const linear = 1 + ((2 - 3 * rho * rho) / 24) * nu * nu * time;
  const excess = (x: number) => x * (linear + x * (square + x * cubic)) - volatility;
  let from = 0;
  for (let step = 0, to = volatility / 64; step < 400; step++, to *= 1.1) {
    if (excess(to) >= 0) {
      const root = findRoot(excess, { from, to });
      return root.ok ? ok(root.value / scale) : root;
    }
    from = to;
  }
  return fail(
    numberFault(SURFACE_ERRORS.NO_SOLUTION, 'volatility', {
      expected: 'a volatility the expansion reaches at these parameters',
      received: volatility,
    }),
  );
}
