import { unwrap } from '@cerberus/core';
import {
  allocateEuropeanColumns,
  type EuropeanColumns,
  europeanPriceBatch,
} from '@cerberus/pricing';
import { PhiloxStream } from '@cerberus/stats';

/** Options over the range of a listed chain; every row has its own market. */
export function randomOptions(count: number, seed: number): EuropeanColumns {
  const stream = new PhiloxStream({ seed, stream: 0 });
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  const columns = allocateEuropeanColumns(count);
  for (let row = 0; row < count; row += 1) {
    columns.sign[row] = stream.nextDouble() < 0.5 ? 1 : -1;
    columns.spot[row] = between(80, 120);
    columns.timeYears[row] = between(0.05, 2.5);
    columns.rate[row] = between(-0.01, 0.08);
    columns.dividendYield[row] = between(0, 0.05);
    columns.volatility[row] = between(0.08, 0.8);
    const width = columns.volatility[row]! * Math.sqrt(columns.timeYears[row]!);
    columns.strike[row] = columns.spot[row]! * Math.exp(width * between(-2, 2));
  }
  return columns;
}

/** Puts that may be exercised early, in the box of Andersen, Lake and Offengenden (2016), table 2. */
export function randomPuts(count: number, seed: number): EuropeanColumns {
  const stream = new PhiloxStream({ seed, stream: 0 });
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  const columns = allocateEuropeanColumns(count);
  for (let row = 0; row < count; row += 1) {
    columns.sign[row] = -1;
    columns.spot[row] = 100;
    columns.strike[row] = between(90, 115);
    columns.timeYears[row] = between(1 / 12, 2);
    columns.rate[row] = between(0.01, 0.09);
    columns.dividendYield[row] = between(0, 0.08);
    columns.volatility[row] = between(0.15, 0.6);
  }
  return columns;
}

/** Rows of sign, spot, strike, time, rate, yield and a last column, as the peer reads them. */
export function rowsOf(columns: EuropeanColumns, last = columns.volatility): Float64Array {
  const { sign, spot, strike, timeYears, rate, dividendYield } = columns;
  const fields = [sign, spot, strike, timeYears, rate, dividendYield, last];
  const rows = new Float64Array(sign.length * fields.length);
  for (let row = 0; row < sign.length; row += 1) {
    fields.forEach((field, index) => {
      rows[row * fields.length + index] = field[row]!;
    });
  }
  return rows;
}

export function pricesOf(columns: EuropeanColumns): Float64Array {
  const prices = new Float64Array(columns.sign.length);
  unwrap(europeanPriceBatch(columns, prices));
  return prices;
}
