import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '@cerberus/core';
import { cornishFisherExpansion, historicalVar, kupiecTest, normalTail } from '@cerberus/risk';
import { moments } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const RISK = join(SHARED, 'data', 'risk');
const isPresent = existsSync(RISK);
const suite = isPresent ? describe : describe.skip;
const note = isPresent ? '' : ' (shared/data/risk is absent)';

function tableOf(file: string): { header: string[]; rows: string[][] } {
  const [header = '', ...lines] = readFileSync(join(RISK, file), 'utf8').trim().split(/\r?\n/);
  return { header: header.split(','), rows: lines.map((line) => line.split(',')) };
}

function returnsOf(series: string): number[] {
  const { header, rows } = tableOf('hedge_fund_index_monthly_returns.csv');
  return rows.map((row) => Number(row[header.indexOf(series)]));
}

/** Mean of the returns below the historical quantile, as the publisher estimates the shortfall. */
function meanBeyond(returns: readonly number[], quantile: number): number {
  const beyond = returns.filter((r) => r < quantile);
  return beyond.reduce((a, b) => a + b, 0) / beyond.length;
}

function modified(returns: readonly number[], confidence: number) {
  const m = unwrap(moments(returns));
  return unwrap(
    cornishFisherExpansion({
      confidence,
      mean: m.mean,
      sd: m.populationSd,
      skewness: m.skewness,
      excessKurtosis: m.excessKurtosis,
    }),
  );
}

suite(`published hedge fund index figures${note}`, () => {
  const { header, rows } = isPresent
    ? tableOf('hedge_fund_index_published_var_es.csv')
    : { header: [], rows: [] };

  test.each(rows.map((row) => [row[0]!, row] as const))('%s', (series, row) => {
    const published = (name: string): number => Number(row[header.indexOf(name)]);
    const returns = returnsOf(series);
    const m = unwrap(moments(returns));
    const historical = -unwrap(historicalVar(returns, { confidence: 0.95, quantileType: 7 }))
      .valueAtRisk;
    const gaussian = unwrap(normalTail(0.95, m.mean, m.populationSd));
    const near = (computed: number, name: string): void => {
      // Four printed digits, truncated rather than rounded.
      expect(Math.abs(computed - published(name))).toBeLessThan(1.2e-4);
    };
    near(historical, 'var95_historical');
    near(meanBeyond(returns, historical), 'es95_historical');
    near(-gaussian.valueAtRisk, 'var95_gaussian');
    near(-gaussian.expectedShortfall, 'es95_gaussian');
    near(-modified(returns, 0.95).valueAtRisk, 'var95_modified');
    near(-modified(returns, 0.99).valueAtRisk, 'var99_modified');
    near(-modified(returns, 0.95).edgeworthShortfall, 'es95_modified');
  });

  test('six digits over the first hundred months, and the exceedances of the whole', () => {
    const baseline = JSON.parse(
      readFileSync(join(RISK, 'hedge_fund_index_baseline.json'), 'utf8'),
    ) as {
      series: string;
      first_100_rows: Record<string, number>;
      kupiec_backtest_full_sample: { actual_exceedances: number; expected_exceedances: number };
    };
    const whole = returnsOf(baseline.series);
    const returns = whole.slice(0, 100);
    const m = unwrap(moments(returns));
    const gaussian = unwrap(normalTail(0.95, m.mean, m.populationSd));
    const historical = -unwrap(historicalVar(returns, { confidence: 0.95, quantileType: 7 }))
      .valueAtRisk;
    const computed: Record<string, number> = {
      var95_gaussian: -gaussian.valueAtRisk,
      var95_modified: -modified(returns, 0.95).valueAtRisk,
      var95_historical: historical,
      es95_gaussian: -gaussian.expectedShortfall,
      es95_historical: meanBeyond(returns, historical),
    };
    for (const [name, value] of Object.entries(baseline.first_100_rows)) {
      expect(Math.abs(computed[name]! - value)).toBeLessThan(1e-6);
    }
    const quantile = -unwrap(historicalVar(whole, { confidence: 0.95, quantileType: 7 }))
      .valueAtRisk;
    const exceptions = whole.filter((r) => r < quantile).length;
    const { actual_exceedances, expected_exceedances } = baseline.kupiec_backtest_full_sample;
    expect(exceptions).toBe(actual_exceedances);
    expect(whole.length * 0.05).toBeCloseTo(expected_exceedances, 9);
    expect(unwrap(kupiecTest(whole.length, exceptions, 0.05)).pValue).toBeGreaterThan(0.9);
  });
});

suite(`published quantiles of an example portfolio under real market moves${note}`, () => {
  test('quantiles and shortfalls of 715 ten-day outcomes', () => {
    const pnl = tableOf('ore_histsim_pnl_all.csv').rows.map((row) => Number(row[2]));
    const { header, rows } = tableOf('ore_histsim_published_var.csv');
    const published = (name: string): number => Number(rows[0]![header.indexOf(name)]);
    // Element ⌊qn⌋ from 0 is order ⌊qn⌋ + 1: type 1 and the mean of the ⌈np⌉ worst, qn being no whole number.
    for (const [confidence, q] of [
      [0.99, '0.010000'],
      [0.95, '0.050000'],
    ] as const) {
      const risk = unwrap(historicalVar(pnl, { confidence, shortfall: 'ceiling' }));
      expect(-risk.valueAtRisk).toBeCloseTo(published(`Quantile_${q}`), 5);
      expect(-risk.expectedShortfall).toBeCloseTo(published(`ExpectedShortfall_${q}`), 5);
    }
    for (const [confidence, q] of [
      [0.05, '0.950000'],
      [0.01, '0.990000'],
    ] as const) {
      const risk = unwrap(historicalVar(pnl, { confidence, shortfall: 'ceiling' }));
      expect(-risk.valueAtRisk).toBeCloseTo(published(`Quantile_${q}`), 5);
      expect(-risk.expectedShortfall).toBeCloseTo(published(`ExpectedShortfall_${q}`), 5);
    }
  });
});
