import { invariant, type Result } from '@cerberus/core';
import type { QuotedColumns } from '@cerberus/pricing';
import { allocate, evenRows, isVectorised, type KernelExports } from './kernels.ts';

interface ImpliedColumns {
  readonly volatility: Float64Array;
  readonly status: Uint8Array;
}

/** `impliedVolatilityBatch` of `@cerberus/pricing`. */
export type ScalarImplied = (quotes: QuotedColumns, out: ImpliedColumns) => Result<number>;

const DOUBLE = 8;
const INPUT_NAMES = [
  ...(['spot', 'strike', 'timeYears', 'rate', 'dividendYield', 'price'] as const),
] satisfies readonly (keyof QuotedColumns)[];

/**
 * Quotes in the memory of the kernel: write `quotes`, call `invert`, read `volatility` and `status`, an
 * index of `IMPLIED_VOLATILITY_STATUSES`.
 *
 * Agrees with the scalar kernel to 1e-11 relative: the intrinsic value is subtracted in doubles, and only
 * where the time value is above 1e-4 of the larger leg. All other quotes, those without a solution among
 * them, are the scalar kernel's.
 */
export class ImpliedBatch {
  readonly capacity: number;
  readonly quotes: QuotedColumns;
  readonly volatility: Float64Array;
  readonly status: Uint8Array;
  private readonly scalar: ScalarImplied;
  private readonly kernels: KernelExports | undefined;
  private readonly base: number;
  private readonly leftRows: Int32Array;

  /** `vectorised` false has the scalar kernel do all, as where there are no vectors. */
  constructor(capacity: number, scalar: ScalarImplied, vectorised = isVectorised()) {
    const rows = evenRows(capacity);
    const columnBytes = rows * DOUBLE;
    const signsAt = (INPUT_NAMES.length + 1) * columnBytes;
    const leftAt = (signsAt + rows + 7) & ~7;
    const { kernels, buffer, base } = allocate(leftAt + 4 * rows, vectorised);
    const column = (index: number) =>
      new Float64Array(buffer, base + index * columnBytes, capacity);
    this.capacity = capacity;
    this.scalar = scalar;
    this.kernels = kernels;
    this.base = base;
    this.quotes = {
      sign: new Int8Array(buffer, base + signsAt, capacity).fill(1),
      ...Object.fromEntries(INPUT_NAMES.map((name, index) => [name, column(index)])),
    } as unknown as QuotedColumns;
    this.volatility = column(INPUT_NAMES.length);
    this.status = new Uint8Array(capacity);
    this.leftRows = new Int32Array(buffer, base + leftAt, rows);
  }

  /** Volatilities of the first `count` quotes; gives how many were solved. */
  invert(count: number = this.capacity): number {
    invariant(Number.isInteger(count) && count >= 0 && count <= this.capacity, 'rows of the batch');
    const rows = evenRows(this.capacity);
    const left = this.kernels?.impliedVolatilities(this.base, rows, count);
    this.status.fill(0, 0, count);
    return (
      count - this.finish(left === undefined ? allRows(count) : this.leftRows.subarray(0, left))
    );
  }

  /** Inverts the rows left with the scalar kernel, gathered; gives how many have no solution. */
  private finish(rows: Int32Array): number {
    const gathered = Object.fromEntries([
      ['sign', Int8Array.from(rows, (row) => this.quotes.sign[row]!)],
      ...INPUT_NAMES.map((name) => [
        name,
        Float64Array.from(rows, (row) => this.quotes[name][row]!),
      ]),
    ]) as unknown as QuotedColumns;
    const out = {
      volatility: new Float64Array(rows.length),
      status: new Uint8Array(rows.length),
    };
    const solved = this.scalar(gathered, out);
    invariant(solved.ok, 'columns of one length');
    for (const [index, row] of rows.entries()) {
      this.volatility[row] = out.volatility[index]!;
      this.status[row] = out.status[index]!;
    }
    return rows.length - solved.value;
  }
}

function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
