import { fail, invariant, ok, type Result } from '@cerberus/core';
import type { EuropeanColumns } from '@cerberus/pricing';
import { allocate, evenRows, isVectorised, type KernelExports } from './kernels.ts';

/** An option as the kernel takes it; fields as in `EuropeanOption`, `sign` +1 call, −1 put. */
export interface RevaluedOption {
  readonly sign: 1 | -1;
  readonly spot: number;
  readonly strike: number;
  readonly timeYears: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly volatility: number;
}

/** `europeanPriceBatch` of `@cerberus/pricing`: the reference, and the way of what the kernel refuses. */
export type ScalarPrices = (options: EuropeanColumns, out: Float64Array) => Result<number>;

const DOUBLE = 8;
const COLUMNS = 3;
/** Log returns beyond this are the scalar kernel's. */
const RETURN_MAX = 300;

/**
 * Full revaluation of options on one underlying under scenarios of its log return: write `returns`, call
 * `prepare` once, then `add` each option; `sums[s]` is Σ weight · price(spot · e^{returns[s]}), time and
 * volatility unchanged. The exponentials of the returns are shared by all options.
 *
 * Agrees with the scalar kernel to 1e-13 of spot plus strike, times the weight (1e-15 as a rule): the
 * distribution function comes from a table with a Taylor series, good to 5e-16 absolute. Options outside the
 * ordinary range, and all where a return is, are the scalar kernel's, with its faults.
 */
export class ScenarioRevaluation {
  readonly scenarioCount: number;
  /** Log returns of the underlying, written by the caller before `prepare`. */
  readonly returns: Float64Array;
  readonly sums: Float64Array;
  private readonly kernels: KernelExports | undefined;
  private readonly scalar: ScalarPrices;
  private readonly addresses: readonly [number, number, number];
  private hasOrdinaryReturns = false;

  /** `vectorised` false has the scalar kernel do all, as where there are no vectors. */
  constructor(scenarioCount: number, scalar: ScalarPrices, vectorised = isVectorised()) {
    const rows = evenRows(scenarioCount);
    const { kernels, buffer, base } = allocate(COLUMNS * rows * DOUBLE, vectorised);
    const at = (column: number) => base + column * rows * DOUBLE;
    const view = (column: number) => new Float64Array(buffer, at(column), scenarioCount);
    this.scenarioCount = scenarioCount;
    this.kernels = kernels;
    this.scalar = scalar;
    this.addresses = [at(0), at(1), at(2)];
    kernels?.tabulate();
    this.returns = view(0);
    this.sums = view(2);
  }

  /** Takes the returns as written and starts the sums at zero. */
  prepare(): void {
    this.hasOrdinaryReturns = areOrdinary(this.returns);
    const [returns, growths] = this.addresses;
    if (this.hasOrdinaryReturns) this.kernels?.growth(returns, growths, this.scenarioCount);
    this.sums.fill(0);
  }

  /** Starts the sums at zero for the same returns. */
  clear(): void {
    this.sums.fill(0);
  }

  /** sums[s] += weight · price; a fault leaves the sums as they were. */
  add(option: RevaluedOption, weight: number): Result<void> {
    invariant(Number.isFinite(weight), 'a weight is finite');
    const { kernels } = this;
    if (kernels === undefined || !this.hasOrdinaryReturns || !isOrdinary(option)) {
      return this.addScalar(option, weight);
    }
    const { sign, spot, strike, timeYears, rate, dividendYield, volatility } = option;
    const forward = spot * Math.exp(-dividendYield * timeYears);
    const present = strike * Math.exp(-rate * timeYears);
    const [returns, growths, sums] = this.addresses;
    kernels.revalue(
      ...[returns, growths, sums, this.scenarioCount],
      ...[sign, forward, present, Math.log(forward / present)],
      ...[volatility * Math.sqrt(timeYears), weight],
    );
    return ok(undefined);
  }

  private addScalar(option: RevaluedOption, weight: number): Result<void> {
    const count = this.scenarioCount;
    const all = (value: number) => new Float64Array(count).fill(value);
    const prices = new Float64Array(count);
    const options: EuropeanColumns = {
      sign: new Int8Array(count).fill(option.sign),
      spot: this.returns.map((r) => option.spot * Math.exp(r)),
      strike: all(option.strike),
      timeYears: all(option.timeYears),
      rate: all(option.rate),
      dividendYield: all(option.dividendYield),
      volatility: all(option.volatility),
    };
    const done = this.scalar(options, prices);
    if (!done.ok) return fail(done.error);
    for (let s = 0; s < count; s += 1) this.sums[s]! += weight * prices[s]!;
    return ok(undefined);
  }
}

/** In a loop of its own: a callback for each scenario costs as much as its exponential. */
function areOrdinary(returns: Float64Array): boolean {
  for (let s = 0; s < returns.length; s += 1) {
    if (!(Math.abs(returns[s]!) <= RETURN_MAX)) return false;
  }
  return true;
}

function isOrdinary(option: RevaluedOption): boolean {
  const { sign, spot, strike, timeYears, rate, dividendYield, volatility } = option;
  return (
    (sign === 1 || sign === -1) &&
    spot >= 1e-30 &&
    spot <= 1e30 &&
    strike >= 1e-30 &&
    strike <= 1e30 &&
    timeYears >= 1e-9 &&
    timeYears <= 1e3 &&
    volatility >= 1e-4 &&
    volatility <= 1e2 &&
    Math.abs(rate) <= 10 &&
    Math.abs(dividendYield) <= 10 &&
    Math.abs(Math.log(spot / strike)) <= RETURN_MAX / 2
  );
}
