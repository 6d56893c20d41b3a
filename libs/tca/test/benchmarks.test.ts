import { unwrap } from '@cerberus/core';
import { benchmarks, reversionBps, slippageBps, volumeWeightedPrice } from '@cerberus/tca';
import { describe, expect, test } from '@jest/globals';

describe('benchmarks', () => {
  const bars = [
    { price: 10, volume: 100 },
    { price: 11, volume: 300 },
    { price: 12, volume: 100 },
    { price: 20, volume: 500 },
  ];
  const fills = [
    { bar: 1, price: 11.1, quantity: 30 },
    { bar: 2, price: 12.1, quantity: 10 },
  ];

  test('whole window, interval of the fills, participation', () => {
    const marks = unwrap(benchmarks(bars, fills));
    expect(marks.vwap).toBeCloseTo((1000 + 3300 + 1200 + 10_000) / 1000, 12);
    expect(marks.twap).toBeCloseTo(13.25, 12);
    expect(marks.intervalVwap).toBeCloseTo(4500 / 400, 12);
    expect(marks.participationWeighted).toBeCloseTo((11 * 30 + 12 * 10) / 40, 12);
    expect(marks.participationRate).toBeCloseTo(0.04, 12);
    expect(marks.intervalParticipationRate).toBeCloseTo(0.1, 12);
  });

  test('slippage is positive when it costs, whichever the side', () => {
    expect(unwrap(slippageBps(1, 101, 100))).toBeCloseTo(100, 10);
    expect(unwrap(slippageBps(-1, 99, 100))).toBeCloseTo(100, 10);
  });

  test('a market that did not trade, a fill outside the window', () => {
    expect(volumeWeightedPrice([{ price: 10, volume: 0 }])).toMatchObject({
      error: { code: 'CRB_TCA_NO_VOLUME' },
    });
    expect(benchmarks(bars, [{ bar: 4, price: 11, quantity: 1 }])).toMatchObject({
      error: { code: 'CRB_TCA_BAR_OUT_OF_RANGE', path: 'fills[0].bar' },
    });
  });
});

describe('reversion', () => {
  const mids = [
    { timeMs: 0, mid: 100 },
    { timeMs: 900, mid: 100.5 },
    { timeMs: 1500, mid: 99 },
    { timeMs: 12_000, mid: 99.5 },
  ];

  test('reads the newest mid at the horizon, positive where the price came back', () => {
    const fill = { timeMs: 0, mid: 100 };
    expect(unwrap(reversionBps(1, fill, mids, 1000))).toBeCloseTo(-50, 10);
    expect(unwrap(reversionBps(1, fill, mids, 10_000))).toBeCloseTo(100, 10);
    expect(unwrap(reversionBps(-1, fill, mids, 10_000))).toBeCloseTo(-100, 10);
  });

  test('is null before the horizon was seen', () => {
    expect(unwrap(reversionBps(1, { timeMs: 0, mid: 100 }, mids, 60_000))).toBeNull();
  });
});
