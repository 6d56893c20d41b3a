import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfNumbers, faultOutside, SURFACE_ERRORS } from './errors.ts';

/**
 * Raw SVI: w(k) = a + b·(ρ(k−m) + √((k−m)² + σ²)), total implied variance at k = ln(K/F).
 * b ≥ 0, |ρ| ≤ 1, σ > 0. Source: Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces",
 * Quantitative Finance 14 (2014) 59–71, §3.
 */
export interface SviRaw {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/** Natural SVI: w = Δ + ω/2·{1 + ζρ(k−μ) + √((ζ(k−μ)+ρ)² + 1 − ρ²)}; ibid. §3.2. */
export interface SviNatural {
  readonly delta: number;
  readonly mu: number;
  readonly rho: number;
  readonly omega: number;
  readonly zeta: number;
}

/**
 * Jump wings at maturity T: ATM variance v = w(0)/T, ATM skew ψ = w′(0)/(2√w(0)), left and right slopes
 * p = b(1−ρ)/√w(0) and c = b(1+ρ)/√w(0), minimum variance ṽ; ibid. §3.3.
 */
export interface SviJumpWings {
  readonly v: number;
  readonly psi: number;
  readonly p: number;
  readonly c: number;
  readonly vTilde: number;
}

/** Total variance with its first three derivatives in k. */
export interface VariancePoint {
  w: number;
  slope: number;
  curvature: number;
  third: number;
}

export function variancePoint(): VariancePoint {
  return { w: 0, slope: 0, curvature: 0, third: 0 };
}

export function sviTotalVariance(slice: SviRaw, k: number): number {
  const x = k - slice.m;
  return slice.a + slice.b * (slice.rho * x + Math.sqrt(x * x + slice.sigma * slice.sigma));
}

/** Writes w and its derivatives at k. */
export function sviPoint(slice: SviRaw, k: number, out: VariancePoint): VariancePoint {
  const x = k - slice.m;
  const s2 = slice.sigma * slice.sigma;
  const root = Math.sqrt(x * x + s2);
  out.w = slice.a + slice.b * (slice.rho * x + root);
  out.slope = slice.b * (slice.rho + x / root);
  out.curvature = (slice.b * s2) / (root * root * root);
  out.third = (-3 * slice.b * s2 * x) / (root * root * root * root * root);
  return out;
}

/** Smallest total variance, at k = m − ρσ/√(1−ρ²): a + bσ√(1−ρ²). */
export function sviMinimum(slice: SviRaw): number {
  return slice.a + slice.b * slice.sigma * Math.sqrt(1 - slice.rho * slice.rho);
}

/** Fault of parameters outside their domain; a negative minimum is not one (see `sviMinimum`). */
export function faultOfSvi(slice: SviRaw, path = 'svi'): Fault | undefined {
  const { a, b, rho, m, sigma } = slice;
  return (
    faultOfNumbers({
      [`${path}.a`]: a,
      [`${path}.b`]: b,
      [`${path}.m`]: m,
      [`${path}.sigma`]: sigma,
    }) ??
    faultOutside(b, [0, Number.MAX_VALUE], `${path}.b`) ??
    faultOutside(rho, [-1, 1], `${path}.rho`) ??
    faultOutside(sigma, [Number.MIN_VALUE, Number.MAX_VALUE], `${path}.sigma`)
  );
}

function noCounterpart(path: string, expected: string, received: number): Fault {
  return faultOf(SURFACE_ERRORS.NO_JUMP_WINGS, { path, expected, received: `${received}` });
}

/** Natural form of a raw slice; b = 0 or |ρ| = 1 has none. */
export function naturalFromRaw(slice: SviRaw): Result<SviNatural> {
  const fault = faultOfSvi(slice);
  if (fault !== undefined) return fail(fault);
  const { a, b, rho, m, sigma } = slice;
  const co = Math.sqrt(1 - rho * rho);
  if (!(b > 0)) return fail(noCounterpart('svi.b', '> 0', b));
  if (!(co > 0)) return fail(noCounterpart('svi.rho', 'in (-1, 1)', rho));
  const omega = (2 * b * sigma) / co;
  return ok({
    delta: a - 0.5 * omega * (1 - rho * rho),
    mu: m + (rho * sigma) / co,
    rho,
    omega,
    zeta: co / sigma,
  });
}

export function rawFromNatural(natural: SviNatural): Result<SviRaw> {
  const { delta, mu, rho, omega, zeta } = natural;
  const fault =
    faultOfNumbers({ delta, mu }) ??
    faultOutside(rho, [-1, 1], 'rho') ??
    faultOutside(omega, [0, Number.MAX_VALUE], 'omega') ??
    faultOutside(zeta, [Number.MIN_VALUE, Number.MAX_VALUE], 'zeta');
  if (fault !== undefined) return fail(fault);
  const co = Math.sqrt(1 - rho * rho);
  return ok({
    a: delta + 0.5 * omega * (1 - rho * rho),
    b: 0.5 * omega * zeta,
    rho,
    m: mu - rho / zeta,
    sigma: co / zeta,
  });
}

/** Jump wings of a raw slice at maturity `timeYears`; needs w(0) > 0. */
export function jumpWingsFromRaw(slice: SviRaw, timeYears: number): Result<SviJumpWings> {
  const fault = faultOfSvi(slice) ?? faultOutside(timeYears, [1e-12, 1e6], 'timeYears');
  if (fault !== undefined) return fail(fault);
  const { b, rho, m, sigma } = slice;
  const atTheMoney = sviTotalVariance(slice, 0);
  if (!(atTheMoney > 0)) return fail(noCounterpart('svi at k=0', 'w(0) > 0', atTheMoney));
  const root = Math.sqrt(atTheMoney);
  return ok({
    v: atTheMoney / timeYears,
    psi: (b / (2 * root)) * (rho - m / Math.sqrt(m * m + sigma * sigma)),
    p: (b * (1 - rho)) / root,
    c: (b * (1 + rho)) / root,
    vTilde: sviMinimum(slice) / timeYears,
  });
}

/** Raw slice of jump wings; ibid. Lemma 3.2. Refuses wings that no raw slice has. */
export function rawFromJumpWings(wings: SviJumpWings, timeYears: number): Result<SviRaw> {
  const { v, psi, p, c, vTilde } = wings;
  const fault =
    faultOfNumbers({ psi, vTilde }) ??
    faultOutside(timeYears, [1e-12, 1e6], 'timeYears') ??
    faultOutside(v, [Number.MIN_VALUE, Number.MAX_VALUE], 'v') ??
    faultOutside(p, [0, Number.MAX_VALUE], 'p') ??
    faultOutside(c, [0, Number.MAX_VALUE], 'c');
  if (fault !== undefined) return fail(fault);
  const w = v * timeYears;
  const root = Math.sqrt(w);
  const b = 0.5 * root * (c + p);
  if (!(b > 0)) return fail(noCounterpart('p + c', '> 0', p + c));
  const rho = 1 - (p * root) / b;
  const beta = rho - (2 * psi * root) / b;
  if (!(Math.abs(beta) < 1)) return fail(noCounterpart('psi', 'between -p/2 and c/2', psi));
  const co = Math.sqrt(1 - rho * rho);
  // m = β√(m²+σ²), so that w(0) − min w = b(√(m²+σ²)(1 − βρ) − σ√(1−ρ²)) fixes the scale.
  const gap = (v - vTilde) * timeYears;
  const shape = 1 - beta * rho - Math.sqrt(1 - beta * beta) * co;
  if (!(gap >= 0)) return fail(noCounterpart('vTilde', 'at most v', vTilde));
  if (!(shape > 0 && gap > 0)) {
    return fail(noCounterpart('psi', 'wings whose minimum is away from the money', psi));
  }
  const scale = gap / (b * shape);
  const sigma = scale * Math.sqrt(1 - beta * beta);
  return ok({ a: vTilde * timeYears - b * sigma * co, b, rho, m: beta * scale, sigma });
}

/**
 * Gatheral and Jacquier's repair of a slice (§5.1): v, ψ, p kept, c′ = p + 2ψ and
 * ṽ′ = v·4pc′/(p+c′)², which makes it the SSVI slice of its ATM skew and curvature.
 */
export function repairedJumpWings(wings: SviJumpWings): SviJumpWings {
  const c = wings.p + 2 * wings.psi;
  const vTilde = (wings.v * 4 * wings.p * c) / (wings.p + c) ** 2;
  return { ...wings, c, vTilde };
}
