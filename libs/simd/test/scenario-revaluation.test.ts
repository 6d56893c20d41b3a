import { europeanPrice, europeanPriceBatch } from '@cerberus/pricing';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { type RevaluedOption, ScenarioRevaluation } from '../src/index.ts';

const SCENARIOS = 501;

function scenarios(scale: number, vectorised?: boolean): ScenarioRevaluation {
  const stream = new PhiloxStream({ seed: 21, stream: 0 });
  const revaluation = new ScenarioRevaluation(SCENARIOS, europeanPriceBatch, vectorised);
  for (let s = 0; s < SCENARIOS; s += 1) revaluation.returns[s] = scale * stream.nextNormal();
  revaluation.prepare();
  return revaluation;
}

function exactPrice(option: RevaluedOption, r: number): number {
  const { sign, spot, ...rest } = option;
  const result = europeanPrice({
    ...rest,
    kind: sign === 1 ? 'call' : 'put',
    spot: spot * Math.exp(r),
  });
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('scenario revaluation', () => {
  test.each([0.03, 0.5, 3])('agrees with the scalar price at returns of deviation %p', (scale) => {
    const revaluation = scenarios(scale);
    const stream = new PhiloxStream({ seed: 22, stream: 0 });
    let worst = 0;
    const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
    for (let index = 0; index < 200; index += 1) {
      const spot = between(50, 150);
      const option: RevaluedOption = {
        sign: index % 2 === 0 ? 1 : -1,
        spot,
        strike: spot * between(0.3, 2),
        timeYears: index % 5 === 0 ? 1e-6 : between(0.01, 3),
        rate: between(-0.02, 0.1),
        dividendYield: between(0, 0.05),
        volatility: between(0.01, 1.5),
      };
      revaluation.clear();
      expect(revaluation.add(option, 1).ok).toBe(true);
      for (const [s, r] of revaluation.returns.entries()) {
        const legs = spot * Math.exp(Math.max(r, 0)) + option.strike;
        const error = Math.abs(revaluation.sums[s]! - exactPrice(option, r)) / legs;
        if (!(error <= worst)) worst = error;
      }
    }
    expect(worst).toBeLessThan(1e-13);
  });

  test.each([
    ['with vectors', undefined],
    ['by the scalar kernel alone', false],
  ])('adds up a book, expired options and wild returns in it, %s', (_, vectorised) => {
    const revaluation = scenarios(0.1, vectorised);
    const alive: RevaluedOption = {
      ...{ sign: 1, spot: 100, strike: 105, timeYears: 0.5, rate: 0.02, dividendYield: 0 },
      volatility: 0.3,
    };
    const expired: RevaluedOption = { ...alive, sign: -1, timeYears: 0 };
    const book = [
      [alive, 3],
      [expired, -2],
    ] as const;
    const check = (): void => {
      for (const [option, weight] of book) expect(revaluation.add(option, weight).ok).toBe(true);
      for (const [s, r] of revaluation.returns.entries()) {
        const expected = 3 * exactPrice(alive, r) - 2 * exactPrice(expired, r);
        expect(Math.abs(revaluation.sums[s]! - expected)).toBeLessThan(1e-12 * Math.exp(r) * 500);
      }
    };
    check();
    revaluation.returns[7] = -400;
    revaluation.prepare();
    check();
  });

  test('refuses what the scalar kernel refuses and keeps the sums', () => {
    const revaluation = scenarios(0.1);
    const option: RevaluedOption = {
      ...{ sign: 1, spot: 100, strike: 105, timeYears: 0.5, rate: 0.02, dividendYield: 0 },
      volatility: Number.NaN,
    };
    expect(revaluation.add(option, 1)).toMatchObject({
      ok: false,
      error: { path: 'row 0 volatility' },
    });
    expect(revaluation.sums.every((sum) => sum === 0)).toBe(true);
    revaluation.returns[3] = Number.NaN;
    revaluation.prepare();
    const valid = { ...option, volatility: 0.2 };
    expect(revaluation.add(valid, 1)).toMatchObject({ ok: false, error: { path: 'row 3 spot' } });
  });
});
