import { unwrap } from '@cerberus/core';
import { europeanPriceBatch } from '@cerberus/pricing';
import { type RevaluedOption, ScenarioRevaluation } from '@cerberus/simd';
import { PhiloxStream } from '@cerberus/stats';

export interface Position {
  readonly underlying: number;
  readonly option: RevaluedOption;
  readonly quantity: number;
}

/** Options spread evenly over underlyings, each of its own strike, expiry and volatility. */
export function optionBook(size: { options: number; underlyings: number }): Position[] {
  const stream = new PhiloxStream({ seed: 31, stream: 0 });
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  return Array.from({ length: size.options }, (_, index) => {
    const spot = spotOf(index % size.underlyings);
    const sign = stream.nextDouble() < 0.5 ? 1 : -1;
    return {
      underlying: index % size.underlyings,
      option: {
        ...{ sign, spot, strike: spot * between(0.7, 1.3), timeYears: between(0.02, 1.5) },
        ...{ rate: 0.03, dividendYield: 0.01, volatility: between(0.15, 0.6) },
      },
      quantity: Math.round(between(-50, 50)),
    };
  });
}

function spotOf(underlying: number): number {
  return 50 + 25 * underlying;
}

/** The options on one underlying, revalued together; the last scenario is that of no move. */
export class UnderlyingBook {
  readonly revaluation: ScenarioRevaluation;
  private readonly positions: readonly Position[];

  constructor(positions: readonly Position[], scenarioCount: number) {
    this.positions = positions;
    this.revaluation = new ScenarioRevaluation(scenarioCount + 1, europeanPriceBatch);
  }

  /** After `returns` of the revaluation have been written. */
  prepare(): void {
    const { returns } = this.revaluation;
    returns[returns.length - 1] = 0;
    this.revaluation.prepare();
  }

  /** Revalues every option at a spot that has moved by `factor` since the book was made. */
  revalue(factor: number): void {
    this.revaluation.clear();
    for (const { option, quantity } of this.positions) {
      const moved = { ...option, spot: option.spot * factor };
      unwrap(this.revaluation.add(moved, quantity));
    }
  }

  /** Adds P&L against no move to `pnl`. */
  addPnl(pnl: Float64Array): void {
    const { sums } = this.revaluation;
    const today = sums[sums.length - 1]!;
    for (let s = 0; s < pnl.length; s += 1) pnl[s]! += sums[s]! - today;
  }
}
