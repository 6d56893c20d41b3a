import { invariant, type Result } from '@cerberus/core';
import type { EuropeanColumns, GreekColumns, Greeks } from '@cerberus/pricing';
import { allocate, evenRows, isVectorised, type KernelExports } from './kernels.ts';
import { finishRows } from './left-rows.ts';

/** The scalar reference of `@cerberus/pricing`, which computes what the vector kernel leaves. */
export interface ScalarEuropean {
  readonly greeks: (options: EuropeanColumns, out: GreekColumns) => Result<number>;
  readonly prices: (options: EuropeanColumns, out: Float64Array) => Result<number>;
}

/** The order of the output columns in memory, that of `GREEK_NAMES`. */
export const OUTPUT_NAMES = [
  ...(['price', 'delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho'] as const),
  ...(['vanna', 'volga', 'charm', 'veta', 'speed', 'zomma', 'color', 'ultima'] as const),
  ...(['dualDelta', 'dualGamma'] as const),
] satisfies readonly (keyof Greeks)[];

const INPUT_NAMES = [
  ...(['spot', 'strike', 'timeYears', 'rate', 'dividendYield', 'volatility'] as const),
] satisfies readonly (keyof EuropeanColumns)[];

const DOUBLE = 8;
/**
 * European options in the memory of the kernel: write `options`, call `greeks` or `prices`, read
 * `values`. Nothing is copied and nothing allocated per call; rows beyond the count asked for are scratch.
 *
 * Values agree with `europeanGreeksBatch` to 1e-11 relative, or 1e-13 of the spot in the price where the
 * two legs cancel; the tests state and check the bound for each quantity. Rows outside the ordinary range
 * (no time, no volatility, |d| > 35, extreme magnitudes, inputs that are not numbers) are the scalar
 * kernel's, with its limits and its faults.
 */
export class EuropeanBatch {
  readonly capacity: number;
  readonly options: EuropeanColumns;
  readonly values: GreekColumns;
  private readonly scalar: ScalarEuropean;
  private readonly kernels: KernelExports | undefined;
  private readonly base: number;
  private readonly leftRows: Int32Array;

  /** `vectorised` false has the scalar kernel do all, as where there are no vectors. */
  constructor(capacity: number, scalar: ScalarEuropean, vectorised = isVectorised()) {
    const rows = evenRows(capacity);
    const doubles = (INPUT_NAMES.length + OUTPUT_NAMES.length) * rows;
    const leftAt = (doubles * DOUBLE + rows + 7) & ~7;
    const { kernels, buffer, base } = allocate(leftAt + 4 * rows, vectorised);
    const column = (index: number) =>
      new Float64Array(buffer, base + index * rows * DOUBLE, capacity);
    const named = (names: readonly string[], from: number) =>
      Object.fromEntries(names.map((name, index) => [name, column(from + index)]));
    this.capacity = capacity;
    this.scalar = scalar;
    this.kernels = kernels;
    this.base = base;
    this.options = {
      sign: new Int8Array(buffer, base + doubles * DOUBLE, capacity).fill(1),
      ...named(INPUT_NAMES, 0),
    } as unknown as EuropeanColumns;
    this.values = named(OUTPUT_NAMES, INPUT_NAMES.length) as unknown as GreekColumns;
    this.leftRows = new Int32Array(buffer, base + leftAt, rows);
  }

  /** Price and sixteen Greeks of the first `count` rows; faults as in `europeanGreeksBatch`. */
  greeks(count: number = this.capacity): Result<number> {
    this.demandCount(count);
    const rows = evenRows(this.capacity);
    const left = this.kernels?.greeks(this.base, rows, count) ?? count;
    return this.finish(count, left, (options, values) => this.scalar.greeks(options, values));
  }

  /** Prices of the first `count` rows into `values.price`; faults as in `europeanPriceBatch`. */
  prices(count: number = this.capacity): Result<number> {
    this.demandCount(count);
    const rows = evenRows(this.capacity);
    const left = this.kernels?.prices(this.base, rows, count) ?? count;
    return this.finish(count, left, (options, values) => this.scalar.prices(options, values.price));
  }

  private demandCount(count: number): void {
    invariant(Number.isInteger(count) && count >= 0 && count <= this.capacity, 'rows of the batch');
  }

  private finish(
    count: number,
    left: number,
    compute: (options: EuropeanColumns, values: GreekColumns) => Result<number>,
  ): Result<number> {
    const rows = this.leftRows.subarray(0, left);
    return finishRows({ count, rows }, [this.options, this.values, compute]);
  }
}
