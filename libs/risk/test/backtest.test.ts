import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '@cerberus/core';
import {
  backtestShortfall,
  fitStudentT,
  forecastVar,
  rollingBacktest,
  type VarModel,
} from '@cerberus/risk';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';

function studentSample(count: number, nu: number): Float64Array {
  const stream = new PhiloxStream({ seed: 5, stream: nu });
  return Float64Array.from(
    { length: count },
    () => 0.01 + 0.02 * stream.nextNormal() * Math.sqrt(nu / (2 * stream.nextGamma(nu / 2))),
  );
}

describe('Student-t estimation', () => {
  test('finds the law that drew a sample', () => {
    const fit = unwrap(fitStudentT(studentSample(8000, 5)));
    expect(Math.abs(fit.nu - 5)).toBeLessThan(0.6);
    expect(fit.scale / 0.02).toBeCloseTo(1, 1);
    expect(Math.abs(fit.mean - 0.01)).toBeLessThan(0.001);
    expect(fit.heavyLimit || fit.normalLimit).toBe(false);
  });

  test('says when the variance may be infinite', () => {
    const fit = unwrap(fitStudentT(studentSample(2000, 1)));
    expect(fit.heavyLimit).toBe(true);
    const risk = unwrap(forecastVar(studentSample(2000, 1), { kind: 'student-t' }, 0.99));
    expect(Number.isFinite(risk.valueAtRisk)).toBe(true);
  });
});

describe('expected shortfall backtest', () => {
  test('a forecast that is right has Z₂ near 0, half the loss is rejected', () => {
    const pnl = studentSample(4000, 6);
    const risk = unwrap(forecastVar(pnl, { kind: 'historical' }, 0.975));
    const constant = (x: number): Float64Array => new Float64Array(pnl.length).fill(x);
    const right = unwrap(
      backtestShortfall({
        pnl,
        valueAtRisk: constant(risk.valueAtRisk),
        expectedShortfall: constant(risk.expectedShortfall),
        probability: 0.025,
      }),
    );
    expect(Math.abs(right.z2)).toBeLessThan(0.02);
    expect(right.z2RejectsAt5pct).toBe(false);
    const low = unwrap(
      backtestShortfall({
        pnl,
        valueAtRisk: constant(risk.valueAtRisk / 2),
        expectedShortfall: constant(risk.expectedShortfall / 2),
        probability: 0.025,
      }),
    );
    expect(low.z2RejectsAt5pct).toBe(true);
    expect(low.residualPValue).toBeLessThan(1);
  });
});

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DAILY = join(SHARED, 'data', 'daily');
const isPresent = existsSync(DAILY);
const suite = isPresent ? describe : describe.skip;

function returnsOf(file: string): Float64Array {
  const closes = readFileSync(join(DAILY, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => Number(line.split(',')[4]));
  return Float64Array.from(closes.slice(1), (close, i) => close / closes[i]! - 1);
}

suite(`real history 2018 to 2024${isPresent ? '' : ' (shared/data/daily is absent)'}`, () => {
  const models: readonly VarModel[] = [
    { kind: 'historical' },
    { kind: 'filtered-ewma', decay: 0.94 },
    { kind: 'filtered-garch' },
  ];

  // A filtered model must not be rejected by Christoffersen's test at 5 % on bitcoin; the normal law is.
  test('filtered historical simulation passes conditional coverage on bitcoin, the normal law fails', () => {
    const returns = returnsOf('btc_usd_ohlcv_daily.csv');
    for (const model of models.slice(1)) {
      const result = unwrap(
        rollingBacktest(returns, { model, confidence: 0.99, window: 500, refitEvery: 60 }),
      );
      expect(result.hits).toHaveLength(returns.length - 500);
      expect(result.christoffersen.conditional.pValue).toBeGreaterThan(0.05);
      expect(result.shortfall.z2RejectsAt5pct).toBe(false);
    }
    const normal = unwrap(
      rollingBacktest(returns, { model: { kind: 'normal' }, confidence: 0.99, window: 500 }),
    );
    expect(normal.kupiec.pValue).toBeLessThan(0.05);
    expect(normal.shortfall.z2RejectsAt5pct).toBe(true);
  });
});
