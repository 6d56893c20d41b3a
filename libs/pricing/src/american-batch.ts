import { fail, ok, type Result } from '@cerberus/core';
import {
  type AmericanAccuracy,
  americanPrice,
  hasTwoBoundaries,
  isNeverExercised,
  schemeOf,
} from './american.ts';
import { type BoundaryMarket, type CollocationScheme, solveBoundary } from './american-boundary.ts';
import { exerciseRatio, premiumValue } from './american-premium.ts';
import { faultOfColumns, faultOfRow, isAllowed, optionAt } from './european.ts';
import { type EuropeanColumns, priceRow } from './european-kernel.ts';

/** One boundary and what it was solved for: rows of a chain that share them reuse it. */
interface BoundaryMemory {
  readonly scheme: CollocationScheme;
  readonly market: BoundaryMarket;
  readonly values: Float64Array;
  exercise: number;
  isSettled: boolean;
}

/**
 * American prices of a batch into the caller's array: `americanPrice` row by row without its
 * allocations. Successive rows with the same rate, yield, volatility, time and kind share one boundary.
 * The first row that is not allowed ends the batch with a fault naming row and field.
 */
export function americanPriceBatch(
  options: EuropeanColumns,
  out: Float64Array,
  accuracy: AmericanAccuracy = 'standard',
): Result<number> {
  const count = options.sign.length;
  const fault = faultOfColumns(options, out.length);
  if (fault !== undefined) return fail(fault);
  const scheme = schemeOf(accuracy);
  const memory: BoundaryMemory = {
    scheme,
    market: { rate: 0, yieldRate: 0, volatility: 0, timeYears: 0 },
    values: new Float64Array(scheme.nodeCount),
    exercise: 0,
    isSettled: false,
  };
  for (let row = 0; row < count; row += 1) {
    if (!isAllowed(options, row)) return fail(faultOfRow(options, row));
    const price = collocatedPrice(options, row, memory);
    if (Number.isFinite(price)) {
      out[row] = price;
      continue;
    }
    // No time, no volatility, no spot, two boundaries or an unsettled one: the general way.
    const general = americanPrice(optionAt(options, row), accuracy);
    if (!general.ok) return fail({ ...general.error, path: `row ${row} ${general.error.path}` });
    out[row] = general.value;
  }
  return ok(count);
}

/** The price where collocation serves, NaN where the general function must. */
function collocatedPrice(options: EuropeanColumns, row: number, memory: BoundaryMemory): number {
  const sign = options.sign[row]!;
  const spot = options.spot[row]!;
  const strike = options.strike[row]!;
  const time = options.timeYears[row]!;
  const volatility = options.volatility[row]!;
  if (!(spot > 0 && volatility * Math.sqrt(time) >= 1e-12)) return Number.NaN;
  const isPut = sign < 0;
  const rate = isPut ? options.rate[row]! : options.dividendYield[row]!;
  const yieldRate = isPut ? options.dividendYield[row]! : options.rate[row]!;
  const { market } = memory;
  const isKnown =
    market.rate === rate &&
    market.yieldRate === yieldRate &&
    market.volatility === volatility &&
    market.timeYears === time;
  if (!isKnown) {
    market.rate = rate;
    market.yieldRate = yieldRate;
    market.volatility = volatility;
    market.timeYears = time;
    memory.isSettled = false;
  }
  const european = priceRow(options, row);
  if (isNeverExercised(market)) return european;
  if (hasTwoBoundaries(market)) return Number.NaN;
  if (!memory.isSettled) {
    if (!solveBoundary(market, memory.scheme, memory.values)) {
      market.timeYears = 0;
      return Number.NaN;
    }
    memory.exercise = exerciseRatio(market, memory.scheme, memory.values);
    memory.isSettled = true;
  }
  const [ratio, unit] = isPut ? [spot / strike, strike] : [strike / spot, spot];
  const intrinsic = sign * (spot - strike);
  if (ratio <= memory.exercise) return intrinsic;
  return Math.max(european + unit * Math.max(premiumValue(ratio, memory), 0), intrinsic);
}
