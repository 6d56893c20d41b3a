import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import {
  finiteFault,
  finiteResult,
  notNegativeFault,
  positiveFault,
  TCA_ERRORS,
} from './errors.ts';

const BPS = 10_000;

/** +1 for a buy, −1 for a sell. */
export type SideSign = 1 | -1;

/** One interval of the market: its price and the volume traded in it. */
export interface MarketBar {
  readonly price: number;
  readonly volume: number;
}

/** Part of an execution, in the bar (counted from 0) in which it happened. */
export interface BarFill {
  readonly bar: number;
  readonly price: number;
  readonly quantity: number;
}

/** Prices to judge an execution by; all in the unit of the bars. */
export interface Benchmarks {
  /** Σ pv/Σ v over all bars. */
  readonly vwap: number;
  /** Unweighted mean of the bars. */
  readonly twap: number;
  /** VWAP from the bar of the first to that of the last fill, both included. */
  readonly intervalVwap: number;
  /** VWAP weighted by min(volume, own fills) of each bar: what following the market would have paid. */
  readonly participationWeighted: number;
  /** Filled quantity over the volume of all bars. */
  readonly participationRate: number;
  /** Filled quantity over the volume of the bars from first to last fill. */
  readonly intervalParticipationRate: number;
}

/**
 * Slippage in basis points of a benchmark, positive for a cost: side·(price − benchmark)/benchmark·10⁴
 * (Perold, J. Portfolio Management 14 (1988) 4–9).
 */
export function slippageBps(side: SideSign, price: number, benchmark: number): Result<number> {
  const fault = positiveFault(price, 'price') ?? positiveFault(benchmark, 'benchmark');
  if (fault !== undefined) return fail(fault);
  const bps = side * (price / benchmark - 1) * BPS;
  const wide = finiteFault(bps, 'slippage');
  return wide === undefined ? ok(bps) : fail(wide);
}

/** Σ price·quantity/Σ quantity of the fills. */
export function averageFillPrice(
  fills: readonly { readonly price: number; readonly quantity: number }[],
): Result<{ readonly price: number; readonly quantity: number }> {
  let value = 0;
  let quantity = 0;
  for (const [i, fill] of fills.entries()) {
    const fault =
      positiveFault(fill.price, `fills[${i}].price`) ??
      positiveFault(fill.quantity, `fills[${i}].quantity`);
    if (fault !== undefined) return fail(fault);
    value += fill.price * fill.quantity;
    quantity += fill.quantity;
  }
  if (quantity === 0) return fail(noVolume('fills'));
  return finiteResult({ price: value / quantity, quantity });
}

/** Volume-weighted mean price of bars. */
export function volumeWeightedPrice(bars: readonly MarketBar[], path = 'bars'): Result<number> {
  let value = 0;
  let volume = 0;
  for (const [i, bar] of bars.entries()) {
    const fault = barFault(bar, `${path}[${i}]`);
    if (fault !== undefined) return fail(fault);
    value += bar.price * bar.volume;
    volume += bar.volume;
  }
  return volume === 0 ? fail(noVolume(path)) : ok(value / volume);
}

/** Unweighted mean price of bars: the time-weighted price where bars are equally long. */
export function timeWeightedPrice(bars: readonly MarketBar[]): Result<number> {
  let sum = 0;
  for (const [i, bar] of bars.entries()) {
    const fault = barFault(bar, `bars[${i}]`);
    if (fault !== undefined) return fail(fault);
    sum += bar.price;
  }
  return bars.length === 0 ? fail(noVolume('bars')) : ok(sum / bars.length);
}

/** All benchmarks of an execution within a window of bars. */
export function benchmarks(
  bars: readonly MarketBar[],
  fills: readonly BarFill[],
): Result<Benchmarks> {
  const average = averageFillPrice(fills);
  if (!average.ok) return average;
  for (const [i, fill] of fills.entries()) {
    if (Number.isInteger(fill.bar) && fill.bar >= 0 && fill.bar < bars.length) continue;
    return fail(
      faultOf(TCA_ERRORS.BAR_OUT_OF_RANGE, {
        path: `fills[${i}].bar`,
        expected: `a bar from 0 to ${bars.length - 1}`,
        received: `${fill.bar}`,
      }),
    );
  }
  const vwap = volumeWeightedPrice(bars);
  if (!vwap.ok) return vwap;
  const twap = timeWeightedPrice(bars);
  if (!twap.ok) return twap;
  const first = Math.min(...fills.map((fill) => fill.bar));
  const last = Math.max(...fills.map((fill) => fill.bar));
  const during = bars.slice(first, last + 1);
  const intervalVwap = volumeWeightedPrice(during, 'bars of the fills');
  if (!intervalVwap.ok) return intervalVwap;
  const filled = average.value.quantity;
  return finiteResult({
    vwap: vwap.value,
    twap: twap.value,
    intervalVwap: intervalVwap.value,
    participationWeighted: participationWeighted(bars, fills, intervalVwap.value),
    participationRate: filled / volumeOf(bars),
    intervalParticipationRate: filled / volumeOf(during),
  });
}

function participationWeighted(
  bars: readonly MarketBar[],
  fills: readonly BarFill[],
  fallback: number,
): number {
  const own = new Float64Array(bars.length);
  for (const fill of fills) own[fill.bar]! += fill.quantity;
  let value = 0;
  let weight = 0;
  for (const [i, bar] of bars.entries()) {
    const share = Math.min(bar.volume, own[i]!);
    value += bar.price * share;
    weight += share;
  }
  return weight === 0 ? fallback : value / weight;
}

function volumeOf(bars: readonly MarketBar[]): number {
  return bars.reduce((sum, bar) => sum + bar.volume, 0);
}

function barFault(bar: MarketBar, path: string): Fault | undefined {
  return (
    positiveFault(bar.price, `${path}.price`) ?? notNegativeFault(bar.volume, `${path}.volume`)
  );
}

function noVolume(path: string): Fault {
  return faultOf(TCA_ERRORS.NO_VOLUME, { path, expected: 'a volume above 0', received: '0' });
}

/** Horizons at which reversion is reported, in milliseconds. */
export const REVERSION_HORIZONS_MS: readonly number[] = [1_000, 10_000, 60_000, 300_000];

/** A mid price at a time; series are in time order. */
export interface MidAt {
  readonly timeMs: number;
  readonly mid: number;
}

/**
 * Reversion after a fill: −side·(later mid − mid at the fill)/mid at the fill, in basis points; positive
 * where the price came back, which is the temporary part of the impact. Null where no mid at or after
 * the horizon was seen: the newest mid at or before it stands for the price at that time.
 */
export function reversionBps(
  side: SideSign,
  fill: MidAt,
  mids: readonly MidAt[],
  horizonMs: number,
): Result<number | null> {
  const fault = positiveFault(fill.mid, 'fill.mid') ?? positiveFault(horizonMs, 'horizonMs');
  if (fault !== undefined) return fail(fault);
  const target = fill.timeMs + horizonMs;
  const seenBeyond = mids.at(-1);
  if (seenBeyond === undefined || !(seenBeyond.timeMs >= target)) return ok(null);
  let low = 0;
  let high = mids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mids[middle]!.timeMs <= target) low = middle + 1;
    else high = middle;
  }
  const at = low === 0 ? undefined : mids[low - 1];
  if (at === undefined || at.timeMs < fill.timeMs) return ok(0);
  const wrong = positiveFault(at.mid, `mids[${low - 1}].mid`) ?? finiteFault(at.timeMs, 'timeMs');
  if (wrong !== undefined) return fail(wrong);
  const change = (-side * (at.mid - fill.mid) * BPS) / fill.mid;
  return ok(change === 0 ? 0 : change);
}
