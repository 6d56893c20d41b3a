import type { Series } from '@cerberus/stats';

export interface Drawdown {
  readonly totalReturn: number;
  /** 1 − equity/running peak at its largest; the first equity of 1 is a peak, index 0. */
  readonly maximumDrawdown: number;
  readonly peakIndex: number;
  readonly troughIndex: number;
  /** First equity at or above the peak after the trough; null where never. */
  readonly recoveryIndex: number | null;
  /** Most periods since the last peak. */
  readonly longestUnderWater: number;
  /** √(Σ drawdown²/n). */
  readonly ulcerIndex: number;
}

/** Drawdown of compounded simple returns; indices count equity points, 0 to n. */
export function drawdownOf(returns: Series): Drawdown {
  const n = returns.length;
  const equity = new Float64Array(n + 1);
  equity[0] = 1;
  let peak = 0;
  let maximumDrawdown = 0;
  let peakIndex = 0;
  let troughIndex = 0;
  let longestUnderWater = 0;
  let squares = 0;
  for (let t = 1; t <= n; t++) {
    equity[t] = equity[t - 1]! * (1 + returns[t - 1]!);
    if (equity[t]! >= equity[peak]!) peak = t;
    longestUnderWater = Math.max(longestUnderWater, t - peak);
    const drawdown = 1 - equity[t]! / equity[peak]!;
    squares += drawdown * drawdown;
    if (drawdown > maximumDrawdown) {
      maximumDrawdown = drawdown;
      peakIndex = peak;
      troughIndex = t;
    }
  }
  return {
    totalReturn: equity[n]! - 1,
    maximumDrawdown,
    peakIndex,
    troughIndex,
    recoveryIndex: recoveryAfter(equity, peakIndex, troughIndex),
    longestUnderWater,
    ulcerIndex: Math.sqrt(squares / n),
  };
}

function recoveryAfter(equity: Float64Array, peak: number, trough: number): number | null {
  if (trough === 0) return null;
  for (let t = trough + 1; t < equity.length; t++) {
    if (equity[t]! >= equity[peak]!) return t;
  }
  return null;
}
