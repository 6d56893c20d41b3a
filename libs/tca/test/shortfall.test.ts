import { unwrap } from '@cerberus/core';
import { implementationShortfall, type SideSign, splitTradingCost } from '@cerberus/tca';
import { describe, expect, test } from '@jest/globals';

const BUY = {
  side: 1 as SideSign,
  orderQuantity: 1000,
  filledQuantity: 600,
  averageFillPrice: 101,
  decisionPrice: 99,
  arrivalPrice: 100,
  closingPrice: 103,
  fees: 12,
};

describe('implementation shortfall', () => {
  // Perold: paper gain 1000·(103 − 99) = 4000, actual gain 600·(103 − 101) − 12 = 1188.
  test('is the paper gain less the actual gain', () => {
    const shortfall = unwrap(implementationShortfall(BUY));
    expect(shortfall.total).toBeCloseTo(4000 - 1188, 10);
    expect(shortfall).toMatchObject({ delay: 600, trading: 600, opportunity: 1600, fees: 12 });
    expect(shortfall.totalBps).toBeCloseTo((2812 / 99_000) * 1e4, 10);
  });

  test('a sell mirrors a buy', () => {
    const sell = unwrap(implementationShortfall({ ...BUY, side: -1, fees: -12 }));
    expect(sell.total).toBeCloseTo(-2812, 10);
  });

  test('an order without a fill has opportunity cost alone', () => {
    const none = unwrap(
      implementationShortfall({ ...BUY, filledQuantity: 0, averageFillPrice: Number.NaN, fees: 0 }),
    );
    expect(none).toMatchObject({ delay: 0, trading: 0, opportunity: 4000, fillRate: 0 });
  });

  test('refusals', () => {
    expect(implementationShortfall({ ...BUY, filledQuantity: 1001 })).toMatchObject({
      error: { code: 'CRB_TCA_OVERFILLED', path: 'filledQuantity' },
    });
    expect(implementationShortfall({ ...BUY, decisionPrice: 0 })).toMatchObject({
      error: { code: 'CRB_TCA_NOT_POSITIVE', path: 'decisionPrice' },
    });
    expect(implementationShortfall({ ...BUY, closingPrice: Number.NaN })).toMatchObject({
      error: { code: 'CRB_TCA_NOT_FINITE', path: 'closingPrice' },
    });
  });
});

describe('trading cost', () => {
  test('parts add up for both sides', () => {
    for (const side of [1, -1] as const) {
      const cost = unwrap(
        splitTradingCost({
          side,
          filledQuantity: 500,
          averageFillPrice: 100.2,
          arrivalMid: 100,
          halfSpread: 0.02,
          postTradeMid: 100.1,
          referenceReturnAtFills: 0.0005,
          referenceReturnAtPost: 0.0002,
        }),
      );
      const sum = cost.spread + cost.timing + cost.permanentImpact + cost.temporaryImpact;
      expect(sum).toBeCloseTo(cost.trading, 10);
      expect(cost.trading).toBeCloseTo(side * 100, 8);
      expect(cost.permanentImpact).toBeCloseTo(side * 40, 8);
    }
  });
});
