import type { Rng } from '@cerberus/core';
import { toNumber } from '@cerberus/core';
import type { Side } from '../matching/engine-order.ts';
import type { MarketTarget } from './market-source.ts';
import type { PriceModel } from './price-model.ts';

const LEVELS_PER_SIDE = 150;
/** Sizes that change in one step beside those that the price moves onto. */
const CHANGES_PER_STEP = 8;
const TRADES_PER_STEP_MAX = 50;

/**
 * Displayed book and trades of one instrument around its price path. Levels stand on multiples of a
 * spacing, so that a moving price leaves most of them as they are; trades take from the displayed
 * book as any order does.
 */
export class GeneratedMarket {
  readonly #target: MarketTarget;
  readonly #model: PriceModel;
  readonly #rng: Rng;
  readonly #tick: number;
  readonly #lotUnits: number;
  readonly #unitsPerQuantity: number;
  #halted = false;

  constructor(target: MarketTarget, model: PriceModel, rng: Rng) {
    this.#target = target;
    this.#model = model;
    this.#rng = rng;
    const { grid, tick, lot } = target.spec;
    this.#tick = toNumber(tick);
    this.#lotUnits = Number(lot / grid.quantity.step);
    this.#unitsPerQuantity = 1 / toNumber(grid.quantity.step);
  }

  /** A halted market neither moves nor trades. */
  halt(halted: boolean): void {
    this.#halted = halted;
  }

  step(timeMs: number, stepMs: number): void {
    if (this.#halted) return;
    const mid = this.#model.midAt(timeMs);
    const half = Math.max(0.5, (mid * this.#target.spec.generator.halfSpread) / this.#tick);
    const middle = mid / this.#tick;
    const bidTicks = Math.max(1, Math.ceil(middle - half) - 1);
    const askTicks = Math.max(bidTicks + 1, Math.floor(middle + half) + 1);
    const spacing = Math.max(
      1,
      Math.round((mid * this.#target.spec.generator.levelSpacing) / this.#tick),
    );
    this.#shape('BUY', bidTicks, spacing);
    this.#shape('SELL', askTicks, spacing);
    this.#target.onExecutions(this.#target.engine.settle(), timeMs);
    this.#trade(timeMs, stepMs);
    this.#target.onBookChanged(timeMs);
  }

  /** Clears what the price has passed, fills what is missing, changes some sizes. */
  #shape(side: Side, bestTicks: number, spacing: number): void {
    const { engine } = this.#target;
    const sign = side === 'BUY' ? 1 : -1;
    const levels = engine.marketSide(side);
    const wanted = new Set<number>([bestTicks]);
    const first =
      side === 'BUY'
        ? Math.floor((bestTicks - 1) / spacing) * spacing
        : Math.ceil((bestTicks + 1) / spacing) * spacing;
    for (let i = 0; i < LEVELS_PER_SIDE; i += 1) {
      const ticks = first - sign * spacing * i;
      if (ticks > 0) wanted.add(ticks);
    }
    const present = levels.top(levels.size);
    const held = new Set<number>();
    for (let i = 0; i < present.length; i += 2) {
      const ticks = present[i] as number;
      if (wanted.has(ticks)) held.add(ticks);
      else engine.setMarketLevel(side, ticks, 0);
    }
    for (const ticks of wanted) {
      if (!held.has(ticks))
        engine.setMarketLevel(side, ticks, this.#size(bestTicks, ticks, spacing));
    }
    const list = [...wanted];
    for (let i = 0; i < CHANGES_PER_STEP; i += 1) {
      // The square prefers levels near the best, where real books change most.
      const pick = list[Math.floor(this.#rng.nextDouble() ** 2 * list.length)] as number;
      engine.setMarketLevel(side, pick, this.#size(bestTicks, pick, spacing));
    }
  }

  #size(bestTicks: number, ticks: number, spacing: number): number {
    const depth = Math.abs(bestTicks - ticks) / spacing;
    const typical = this.#target.spec.generator.levelQuantity * (1 + depth / 25);
    const quantity = typical * -Math.log(1 - 0.999 * this.#rng.nextDouble());
    return this.#lots(quantity);
  }

  #lots(quantity: number): number {
    const lots = Math.max(1, Math.round((quantity * this.#unitsPerQuantity) / this.#lotUnits));
    return lots * this.#lotUnits;
  }

  #trade(timeMs: number, stepMs: number): void {
    const { engine, spec } = this.#target;
    const expected = (spec.generator.tradesPerSecond * stepMs) / 1000;
    // Poisson by inversion of exponential gaps.
    let budget = expected;
    for (let count = 0; count < TRADES_PER_STEP_MAX; count += 1) {
      budget += Math.log(1 - this.#rng.nextDouble());
      if (budget < 0) return;
      const side: Side = this.#rng.nextUint32() % 2 === 0 ? 'BUY' : 'SELL';
      const quantity = spec.generator.levelQuantity * 0.25 * -Math.log(1 - this.#rng.nextDouble());
      const touch = engine.bestTicks(side === 'BUY' ? 'SELL' : 'BUY');
      if (touch === undefined) return;
      const executions = engine.takeAsMarket(side, this.#lots(quantity), touch);
      this.#target.onExecutions(executions, timeMs);
    }
  }
}
