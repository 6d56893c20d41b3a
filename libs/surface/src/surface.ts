import { type Fault, fail, ok, type Result } from '@cerberus/core';
import { findRoot, normalCdf, normalQuantile } from '@cerberus/stats';
import { durrleman } from './butterfly.ts';
import { faultOfPositive, faultOutside, numberFault, SURFACE_ERRORS } from './errors.ts';
import { type SmileSlice, slicePoint, sliceVariance } from './slice.ts';
import { type VariancePoint, variancePoint } from './svi.ts';

/** One expiry of a surface. */
export interface SurfaceExpiry {
  readonly id: string;
  readonly timeYears: number;
  readonly forward: number;
  readonly discountFactor: number;
  readonly slice: SmileSlice;
  /** Range of ln(K/F) with quotes; beyond it the volatility is extrapolated. */
  readonly quotedLow: number;
  readonly quotedHigh: number;
}

/** Where a query lies: inside the quotes, or extrapolated in strike or maturity. */
export interface Extrapolation {
  readonly strike: boolean;
  readonly maturity: 'none' | 'before_first' | 'after_last';
}

export interface VolatilityQuote {
  /** Per √year. */
  readonly volatility: number;
  readonly totalVariance: number;
  readonly strike: number;
  readonly logMoneyness: number;
  readonly forward: number;
  /** Undiscounted Black delta N(d₁) of the call at this strike and volatility. */
  readonly callDelta: number;
  readonly extrapolated: Extrapolation;
}

export interface LocalVolatilityQuote {
  /** √((∂w/∂T)/g), per √year. */
  readonly localVolatility: number;
  /** Durrleman's g. */
  readonly density: number;
  readonly extrapolated: Extrapolation;
}

/** What a maturity is made of: w = lower·w_i + upper·w_{i+1} + shift. */
export interface Blend {
  readonly row: number;
  readonly lower: number;
  readonly upper: number;
  readonly shift: number;
}

const K_MAX = 30;

/**
 * An implied-volatility surface made of one total-variance slice per expiry.
 *
 * Between expiries total variance is linear in time at fixed forward log-moneyness k = ln(K/F(T)), which
 * keeps calendar order; before the first expiry it is proportional to time (which keeps g ≥ 0 too);
 * after the last it rises everywhere by the last at-the-money forward variance. Forwards are log-linear
 * in time, as are discount factors.
 */
export class VolatilitySurface {
  readonly expiries: readonly SurfaceExpiry[];
  private readonly scratch = variancePoint();
  private readonly other = variancePoint();
  /** Forward variance per year that the surface keeps after its last expiry. */
  private readonly tailRate: number;

  private constructor(expiries: readonly SurfaceExpiry[]) {
    this.expiries = expiries;
    const last = expiries.at(-1)!;
    const before = expiries.at(-2);
    const total = sliceVariance(last.slice, 0);
    const own = total / last.timeYears;
    const forward =
      before === undefined
        ? own
        : (total - sliceVariance(before.slice, 0)) / (last.timeYears - before.timeYears);
    this.tailRate = forward > 0 ? forward : own;
  }

  /** Refuses no expiries, or maturities that do not rise strictly from above zero. */
  static of(expiries: readonly SurfaceExpiry[]): Result<VolatilitySurface> {
    if (expiries.length === 0) {
      return fail(
        numberFault(SURFACE_ERRORS.NO_EXPIRY, 'expiries', {
          expected: 'at least one',
          received: 0,
        }),
      );
    }
    let previous = 0;
    for (const [row, expiry] of expiries.entries()) {
      if (!(expiry.timeYears > previous && Number.isFinite(expiry.timeYears))) {
        return fail(
          numberFault(SURFACE_ERRORS.EXPIRY_ORDER, `expiries[${row}].timeYears`, {
            expected: `> ${previous}`,
            received: expiry.timeYears,
          }),
        );
      }
      const fault = faultOfPositive(expiry.forward, `expiries[${row}].forward`);
      if (fault !== undefined) return fail(fault);
      previous = expiry.timeYears;
    }
    return ok(new VolatilitySurface(expiries));
  }

  /** First row at or after a maturity, at most the last row. */
  private rowOf(timeYears: number): number {
    let [low, high] = [0, this.expiries.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.expiries[middle]!.timeYears < timeYears) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How total variance at a maturity > 0 is made of the expiries'. */
  blendOf(timeYears: number): Blend {
    const row = this.rowOf(timeYears);
    const at = this.expiries[row]!;
    if (timeYears === at.timeYears) return { row, lower: 1, upper: 0, shift: 0 };
    if (timeYears > at.timeYears) {
      const shift = this.tailRate * (timeYears - at.timeYears);
      return { row, lower: 1, upper: 0, shift };
    }
    if (row === 0) return { row, lower: timeYears / at.timeYears, upper: 0, shift: 0 };
    const before = this.expiries[row - 1]!;
    const upper = (timeYears - before.timeYears) / (at.timeYears - before.timeYears);
    return { row: row - 1, lower: 1 - upper, upper, shift: 0 };
  }

  /** w and its derivatives in k at a maturity > 0, without checks: for inner loops. */
  pointUnchecked(k: number, timeYears: number, out: VariancePoint): VariancePoint {
    const { row, lower, upper, shift } = this.blendOf(timeYears);
    slicePoint(this.expiries[row]!.slice, k, out);
    if (upper === 0) {
      out.w = lower * out.w + shift;
      out.slope *= lower;
      out.curvature *= lower;
      out.third *= lower;
      return out;
    }
    const next = slicePoint(this.expiries[row + 1]!.slice, k, this.other);
    out.w = lower * out.w + upper * next.w;
    out.slope = lower * out.slope + upper * next.slope;
    out.curvature = lower * out.curvature + upper * next.curvature;
    out.third = lower * out.third + upper * next.third;
    return out;
  }

  /** Total variance without checks: for inner loops. */
  varianceUnchecked(k: number, timeYears: number): number {
    const { row, lower, upper, shift } = this.blendOf(timeYears);
    const w = lower * sliceVariance(this.expiries[row]!.slice, k) + shift;
    return upper === 0 ? w : w + upper * sliceVariance(this.expiries[row + 1]!.slice, k);
  }

  /** ∂w/∂T at fixed k, from the right: the forward variance of the interval. */
  private timeSlope(k: number, timeYears: number): number {
    const row = this.rowOf(timeYears);
    const at = this.expiries[row]!;
    if (timeYears > at.timeYears) return this.tailRate;
    const isLast = row === this.expiries.length - 1;
    if (timeYears === at.timeYears && isLast) return this.tailRate;
    const [from, to] =
      timeYears === at.timeYears ? [at, this.expiries[row + 1]!] : [this.expiries[row - 1], at];
    if (from === undefined) return sliceVariance(to.slice, k) / to.timeYears;
    const rise = sliceVariance(to.slice, k) - sliceVariance(from.slice, k);
    return rise / (to.timeYears - from.timeYears);
  }

  /** Value that is log-linear in time between expiries and grows at the end intervals' rates beyond. */
  private logLinear(timeYears: number, value: (expiry: SurfaceExpiry) => number): number {
    const count = this.expiries.length;
    if (count === 1) return value(this.expiries[0]!);
    const row = Math.max(1, this.rowOf(timeYears));
    const [from, to] = [this.expiries[row - 1]!, this.expiries[row]!];
    const share = (timeYears - from.timeYears) / (to.timeYears - from.timeYears);
    return value(from) * (value(to) / value(from)) ** share;
  }

  /** Forward for a maturity. */
  forwardAt(timeYears: number): number {
    return this.logLinear(timeYears, ({ forward }) => forward);
  }

  /** Discount factor for a maturity; rates before the first expiry are the first's. */
  discountAt(timeYears: number): number {
    const first = this.expiries[0]!;
    if (timeYears <= first.timeYears) {
      return first.discountFactor ** (timeYears / first.timeYears);
    }
    return this.logLinear(timeYears, ({ discountFactor }) => discountFactor);
  }

  private extrapolation(k: number, timeYears: number): Extrapolation {
    const row = this.rowOf(timeYears);
    const at = this.expiries[row]!;
    const isExact = timeYears >= at.timeYears || row === 0;
    const near = isExact ? [at] : [this.expiries[row - 1]!, at];
    const isAfter = timeYears > at.timeYears;
    const isBefore = row === 0 && timeYears < at.timeYears;
    return {
      strike: near.some(({ quotedLow, quotedHigh }) => k < quotedLow || k > quotedHigh),
      maturity: isAfter ? 'after_last' : isBefore ? 'before_first' : 'none',
    };
  }

  /** Implied volatility at a log-moneyness ln(K/F) and a maturity in years. */
  atLogMoneyness(logMoneyness: number, timeYears: number): Result<VolatilityQuote> {
    const fault =
      faultOfPositive(timeYears, 'timeYears') ??
      faultOutside(logMoneyness, [-K_MAX, K_MAX], 'logMoneyness');
    if (fault !== undefined) return fail(fault);
    const totalVariance = this.varianceUnchecked(logMoneyness, timeYears);
    const forward = this.forwardAt(timeYears);
    const root = Math.sqrt(totalVariance);
    return ok({
      volatility: Math.sqrt(totalVariance / timeYears),
      totalVariance,
      strike: forward * Math.exp(logMoneyness),
      logMoneyness,
      forward,
      callDelta: normalCdf(-logMoneyness / root + 0.5 * root),
      extrapolated: this.extrapolation(logMoneyness, timeYears),
    });
  }

  /** Implied volatility at a strike. */
  atStrike(strike: number, timeYears: number): Result<VolatilityQuote> {
    const fault = faultOfPositive(strike, 'strike') ?? faultOfPositive(timeYears, 'timeYears');
    if (fault !== undefined) return fail(fault);
    return this.atLogMoneyness(Math.log(strike / this.forwardAt(timeYears)), timeYears);
  }

  /**
   * Implied volatility at an undiscounted forward delta, in (0, 1) for calls and (−1, 0) for puts: the
   * strike at which the Black delta at the surface's own volatility is the one asked for.
   */
  atDelta(delta: number, timeYears: number): Result<VolatilityQuote> {
    const fault = faultOfPositive(timeYears, 'timeYears') ?? faultOfDelta(delta);
    if (fault !== undefined) return fail(fault);
    const target = normalQuantile(delta > 0 ? delta : 1 + delta);
    const excess = (k: number) => {
      const root = Math.sqrt(this.varianceUnchecked(k, timeYears));
      return -k / root + 0.5 * root - target;
    };
    const unit = Math.sqrt(this.varianceUnchecked(0, timeYears));
    let reach = unit;
    while (reach < K_MAX && excess(-reach) < 0 === excess(reach) < 0) reach *= 1.6;
    const root = findRoot(excess, { from: -Math.min(reach, K_MAX), to: Math.min(reach, K_MAX) });
    if (!root.ok) {
      return fail(
        numberFault(SURFACE_ERRORS.NO_SOLUTION, 'delta', {
          expected: 'a delta the surface reaches',
          received: delta,
        }),
      );
    }
    return this.atLogMoneyness(root.value, timeYears);
  }

  /** Dupire's local volatility √((∂w/∂T)/g) at k and T; arbitrage at the point is refused. */
  localVolatility(logMoneyness: number, timeYears: number): Result<LocalVolatilityQuote> {
    const fault =
      faultOfPositive(timeYears, 'timeYears') ??
      faultOutside(logMoneyness, [-K_MAX, K_MAX], 'logMoneyness');
    if (fault !== undefined) return fail(fault);
    const point = this.pointUnchecked(logMoneyness, timeYears, this.scratch);
    const density = durrleman(logMoneyness, point);
    const slope = this.timeSlope(logMoneyness, timeYears);
    if (!(density > 0 && slope >= 0)) {
      return fail(
        numberFault(SURFACE_ERRORS.ARBITRAGE, 'surface', {
          expected: 'g > 0 and ∂w/∂T ≥ 0',
          received: `g ${density}, ∂w/∂T ${slope} at k ${logMoneyness}, T ${timeYears}`,
        }),
      );
    }
    return ok({
      localVolatility: Math.sqrt(slope / density),
      density,
      extrapolated: this.extrapolation(logMoneyness, timeYears),
    });
  }
}

function faultOfDelta(delta: number): Fault | undefined {
  const size = Math.abs(delta);
  return size > 0 && size < 1
    ? undefined
    : numberFault(SURFACE_ERRORS.OUT_OF_RANGE, 'delta', {
        expected: 'in (0, 1) or (−1, 0)',
        received: delta,
      });
}
