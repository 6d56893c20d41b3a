import { unwrap } from '@cerberus/core';
import { netAssetValue, type Treasury } from '@cerberus/features';
import { describe, expect, test } from '@jest/globals';
import { absenceNote, isDataPresent, tableOf } from './published-figures.ts';

const suite = isDataPresent ? describe : describe.skip;

suite(`against figures from the filings${absenceNote}`, () => {
  test('market value, enterprise value, multiple and coins per share of MSTR on 942 days', () => {
    const rows = tableOf('mstr/mstr_daily_capital_and_mnav.csv');
    for (const row of rows) {
      const of = (name: string) => Number(row[name]);
      const value = unwrap(
        netAssetValue({
          ...{ holdings: of('btc_holdings'), coinPrice: of('btc_price_usd') },
          ...{ sharePrice: of('stock_price_usd'), shares: of('diluted_shares') },
          ...{ debt: of('total_debt_usd'), preferred: of('preferred_equity_usd') },
          cash: of('cash_usd'),
        }),
      );
      // The table is rounded: dollars, four places of the multiple, eight of coins per share.
      expect(Math.abs(value.marketCap - of('market_cap_usd'))).toBeLessThanOrEqual(1);
      expect(Math.abs(value.enterpriseValue - of('enterprise_value_usd'))).toBeLessThanOrEqual(1);
      expect(Math.abs(value.multiple - of('mnav'))).toBeLessThanOrEqual(5.1e-5);
      expect(Math.abs(value.coinPerShare - of('btc_per_share'))).toBeLessThanOrEqual(5.1e-9);
      expect(Math.abs(value.coinValue - of('crypto_nav_usd'))).toBeLessThanOrEqual(1);
    }
    expect(rows).toHaveLength(942);
  });
});

/** Ten coins at 100 and 5 shares at 120, 300 owed, 50 of preferred, 100 in cash. */
const TREASURY: Treasury = {
  ...{ holdings: 10, coinPrice: 100, sharePrice: 120, shares: 5 },
  ...{ debt: 300, preferred: 50, cash: 100 },
};

describe('by hand', () => {
  test('every figure', () => {
    const value = unwrap(netAssetValue(TREASURY));
    expect(value).toMatchObject({
      ...{ coinValue: 1000, marketCap: 600, enterpriseValue: 850, netAssetValue: 750 },
      ...{ coinPerShare: 2, coinValuePerShare: 200, netAssetValuePerShare: 150 },
      ...{ multiple: 0.85, premium: -0.4, debtShare: 0.35 },
    });
    expect(value.premiumToNet).toBeCloseTo(-0.2, 14);
    expect(value.assetLeverage).toBeCloseTo(4 / 3, 14);
  });

  test('the leverage is the elasticity of net asset value to the coin', () => {
    const at = (coinPrice: number) =>
      unwrap(netAssetValue({ ...TREASURY, coinPrice })).netAssetValue;
    const elasticity = ((at(100.01) - at(99.99)) / 0.02) * (100 / at(100));
    expect(unwrap(netAssetValue(TREASURY)).assetLeverage).toBeCloseTo(elasticity, 8);
  });

  test('where the debt exceeds all, there is no premium to what is left', () => {
    const value = unwrap(netAssetValue({ ...TREASURY, debt: 2000 }));
    expect(value.netAssetValue).toBe(-950);
    expect(value).not.toHaveProperty('premiumToNet');
    expect(value).not.toHaveProperty('assetLeverage');
  });

  test.each([
    ['holdings', 0],
    ['coinPrice', -1],
    ['sharePrice', Number.NaN],
    ['shares', 0],
    ['debt', -1],
    ['preferred', Number.POSITIVE_INFINITY],
    ['cash', -0.01],
  ] as const)('%s of %d is refused by name', (name, received) => {
    const result = netAssetValue({ ...TREASURY, [name]: received });
    expect(result).toMatchObject({ ok: false, error: { path: name } });
  });
});
