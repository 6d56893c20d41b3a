import { describe, expect, test } from '@jest/globals';
import {
  EwmaVolatility,
  InstrumentFeatures,
  type LogReturn,
  microprice,
  RealisedVolatility,
  SampledReturns,
  SECONDS_PER_YEAR,
} from '../src/index.ts';

const returns: readonly LogReturn[] = Array.from({ length: 60 }, (_, index) => ({
  value: 1e-4 * Math.sin(index * 1.7),
  seconds: 1 + (index % 3),
}));

describe('EWMA volatility', () => {
  test('even spacing is the RiskMetrics recursion (Technical Document 1996, table 5.1 form)', () => {
    // Independent reference: the explicit weighted sum (1−λ) Σ λ^i r²(t−i) plus λ^n times the start.
    const lambda = 0.94;
    const even = returns.map(({ value }) => ({ value, seconds: 1 }));
    const ewma = new EwmaVolatility({
      halfLifeSeconds: Math.log(2) / -Math.log(lambda),
      warmup: 1,
    });
    for (const item of even) ewma.add(item);
    const [first, ...rest] = even;
    const newestFirst = [...rest].reverse();
    const weighted = newestFirst.reduce(
      (sum, { value }, index) => sum + (1 - lambda) * lambda ** index * value ** 2,
      lambda ** rest.length * first!.value ** 2,
    );
    expect(ewma.value()).toBeCloseTo(Math.sqrt(weighted * SECONDS_PER_YEAR), 12);
  });

  test('a constant variance rate is found whatever the spacing', () => {
    const ewma = new EwmaVolatility({ halfLifeSeconds: 10, warmup: 3 });
    const volatility = 0.5;
    for (let index = 0; index < 50; index += 1) {
      const seconds = 1 + (index % 7);
      const value = volatility * Math.sqrt(seconds / SECONDS_PER_YEAR) * (-1) ** index;
      ewma.add({ value, seconds });
    }
    expect(ewma.value()).toBeCloseTo(volatility, 12);
  });

  test('nothing is given before the warm-up is over', () => {
    const ewma = new EwmaVolatility({ halfLifeSeconds: 10, warmup: 2 });
    ewma.add({ value: 1e-3, seconds: 1 });
    expect(ewma.value()).toBeNull();
    ewma.add({ value: 1e-3, seconds: 1 });
    expect(ewma.value()).not.toBeNull();
  });
});

describe('realised volatility', () => {
  test('equals the batch computation over the last window, bit for bit', () => {
    const window = 20;
    const realised = new RealisedVolatility(window);
    for (const [index, item] of returns.entries()) {
      realised.add(item);
      let squares = 0;
      let seconds = 0;
      for (const { value, seconds: span } of returns.slice(
        Math.max(0, index + 1 - window),
        index + 1,
      )) {
        squares += value * value;
        seconds += span;
      }
      const batch = Math.sqrt((squares / seconds) * SECONDS_PER_YEAR);
      expect(realised.value()).toBe(index + 1 < window ? null : batch);
    }
  });
});

describe('sampling', () => {
  test('ticks inside the step and ticks from the past give no return', () => {
    const sampled = new SampledReturns(1);
    expect(sampled.add(100, 10)).toBeUndefined();
    expect(sampled.add(101, 10.5)).toBeUndefined();
    expect(sampled.add(102, 9)).toBeUndefined();
    expect(sampled.add(110, 12)).toEqual({ value: Math.log(1.1), seconds: 2 });
  });
});

describe('instrument features', () => {
  const top = { bidPrice: 99, bidQuantity: 3, askPrice: 101, askQuantity: 1 };

  test('the microprice leans to the side with less on offer', () => {
    expect(microprice(top)).toBe((99 * 1 + 101 * 3) / 4);
    expect(microprice({ ...top, bidQuantity: 0, askQuantity: 0 })).toBeNull();
  });

  test('what is not known yet is missing with its reason, never zero', () => {
    const features = new InstrumentFeatures({
      ...{ sampleSeconds: 1, ewmaHalfLifeSeconds: 60, ewmaWarmup: 2, realisedWindow: 3 },
    });
    const { values, missing } = features.update(top, 0);
    expect(values).toMatchObject({ mid: 100, spread_bps: 200, book_imbalance: 0.5 });
    expect(missing).toEqual({
      ewma_volatility: '0 of 2 returns so far',
      realised_volatility: '0 of 3 returns so far',
    });
  });
});
