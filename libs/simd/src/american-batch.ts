import { invariant, ok, type Result } from '@cerberus/core';
import type { CollocationScheme, EuropeanColumns } from '@cerberus/pricing';
import { allocate, evenRows, isVectorised, type KernelExports } from './kernels.ts';
import { finishRows } from './left-rows.ts';
import type { ScalarPrices } from './scenario-revaluation.ts';

const DOUBLE = 8;
const VECTOR = 16;
const INPUT_NAMES = [
  ...(['spot', 'strike', 'timeYears', 'rate', 'dividendYield', 'volatility'] as const),
] satisfies readonly (keyof EuropeanColumns)[];

/**
 * Sizes for `collocationScheme` whose prices are good to 1e-6 relative over one month to two years, 15 %
 * to 60 % of volatility and rates and yields to 9 %, near the money; the tests check it.
 */
export const AMERICAN_SIZES = {
  nodes: 10,
  quadrature: 8,
  pricing: 32,
  sweeps: 12,
  tolerance: 1e-4,
};

/**
 * American options in the memory of the kernel: write `options`, call `prices`, read `price`. Two
 * options are solved at once with the scheme given; every row has a boundary of its own.
 *
 * Agrees with the scalar scheme `reference` to the error of the scheme given. Rows for which collocation
 * does not serve are the scalar function's, with its faults.
 */
export class AmericanBatch {
  readonly capacity: number;
  readonly options: EuropeanColumns;
  readonly price: Float64Array;
  private readonly scalar: ScalarPrices;
  private readonly kernels: KernelExports | undefined;
  private readonly base: number;
  private readonly leftRows: Int32Array;

  constructor(
    capacity: number,
    parts: {
      readonly scheme: CollocationScheme;
      /** `americanPriceBatch` at an accuracy at least the scheme's. */
      readonly scalar: ScalarPrices;
      readonly vectorised?: boolean;
    },
  ) {
    const { scheme, scalar, vectorised = isVectorised() } = parts;
    const rows = evenRows(capacity);
    const data = schemeData(scheme);
    const columnBytes = rows * DOUBLE;
    const signsAt = (INPUT_NAMES.length + 1) * columnBytes;
    const leftAt = (signsAt + rows + 7) & ~7;
    const dataAt = (leftAt + 4 * rows + 15) & ~15;
    const spaceAt = (dataAt + data.byteLength + 15) & ~15;
    const { nodeCount, quadratureCount, pricingCount } = scheme;
    const { kernels, buffer, base } = allocate(spaceAt + workVectors(scheme) * VECTOR, vectorised);
    const column = (index: number) =>
      new Float64Array(buffer, base + index * columnBytes, capacity);
    new Float64Array(buffer, base + dataAt, data.length).set(data);
    kernels?.setScheme(
      ...[base + dataAt, base + spaceAt, nodeCount, quadratureCount, pricingCount],
      ...[scheme.sweepsMax, scheme.tolerance],
    );
    this.capacity = capacity;
    this.scalar = scalar;
    this.kernels = kernels;
    this.base = base;
    this.options = {
      sign: new Int8Array(buffer, base + signsAt, capacity).fill(1),
      ...Object.fromEntries(INPUT_NAMES.map((name, index) => [name, column(index)])),
    } as unknown as EuropeanColumns;
    this.price = column(INPUT_NAMES.length);
    this.leftRows = new Int32Array(buffer, base + leftAt, rows);
  }

  /** Prices of the first `count` rows into `price`; faults as in `americanPriceBatch`. */
  prices(count: number = this.capacity): Result<number> {
    invariant(Number.isInteger(count) && count >= 0 && count <= this.capacity, 'rows of the batch');
    if (count === 0) return ok(0);
    const left = this.kernels?.americanPrices(this.base, evenRows(this.capacity), count) ?? count;
    return finishRows({ count, rows: this.leftRows.subarray(0, left) }, [
      this.options,
      { price: this.price },
      (options, values) => this.scalar(options, values.price),
    ]);
  }
}

/**
 * The scheme as the kernel reads it: per node √(τᵢ/T) and ln(x_i/x_{i+1})/ln(x_{i+1}/x_{i+2}) of these roots
 * (0 for the last two); per point a, 1/a, a² and weight; the matrices.
 */
function schemeData(scheme: CollocationScheme): Float64Array {
  const { rootNodes, inner, outer, innerMatrix, outerMatrix } = scheme;
  const steps = rootNodes.map((_, node) => Math.log(rootNodes[node]! / rootNodes[node + 1]!));
  const ratios = steps.map((step, node) => (node < steps.length - 2 ? step / steps[node + 1]! : 0));
  const points = [inner, outer].flatMap(({ roots, weights }) =>
    Array.from(roots, (a, k) => [a, 1 / a, a * a, weights[k]!]).flat(),
  );
  return Float64Array.from([...rootNodes, ...ratios, ...points, ...innerMatrix, ...outerMatrix]);
}

/** Vectors of workspace that the kernel lays out in `setScheme`. */
function workVectors({ nodeCount, quadratureCount, pricingCount }: CollocationScheme): number {
  const points = nodeCount * quadratureCount;
  const perNode = nodeCount * (10 + nodeCount);
  return perNode + points + 2 * quadratureCount + Math.max(points, 3 * pricingCount);
}
