import { describe, expect, test } from '@jest/globals';
import type { PositionGreeks } from '../../src/contract.ts';
import { optionTermsOf } from '../../src/positions/option-terms.ts';
import { greeksByUnderlying } from '../../src/positions/underlying-greeks.ts';

function position(change: Partial<PositionGreeks>): PositionGreeks {
  return {
    position_id: 'demo|BTCUSDT.BINANCE',
    account_id: 'demo',
    symbol: 'BTCUSDT',
    underlying: 'BTC',
    asset_class: 'crypto',
    quantity: '1',
    avg_price: '60000',
    mark_price: 61000,
    market_value: 61000,
    unrealized_pnl: 1000,
    delta: 1,
    gamma: 0,
    vega: 0,
    theta: 0,
    rho: 0,
    dollar_delta: 61000,
    dollar_gamma: 0,
    implied_volatility: null,
    quality: 'ok',
    ...change,
  };
}

describe('option terms', () => {
  test.each([
    ['BTC-20261225-100000-C', { type: 'C', strike: 100_000, expiry: '2026-12-25' }],
    ['ETH-241227-2400-P', { type: 'P', strike: 2400, expiry: '2024-12-27' }],
    ['BTC-5DEC25-90000-C', { type: 'C', strike: 90_000, expiry: '2025-12-05' }],
  ])('are read from %s', (symbol, terms) => {
    expect(optionTermsOf({ symbol, asset_class: 'option' }, undefined)).toEqual(terms);
  });

  test('of the gateway stand over those of the symbol', () => {
    const terms = {
      position_id: 'p',
      option_type: 'PUT',
      strike: '95000.5',
      expiration: '2027-01-29T08:00:00.000000Z',
    } as const;
    expect(
      optionTermsOf({ symbol: 'BTC-20261225-100000-C', asset_class: 'option' }, terms),
    ).toEqual({ type: 'P', strike: 95_000.5, expiry: '2027-01-29' });
  });

  test('are absent for everything else', () => {
    expect(optionTermsOf({ symbol: 'BTCUSDT', asset_class: 'crypto' }, undefined)).toBeNull();
    expect(optionTermsOf({ symbol: 'ODD', asset_class: 'option' }, undefined)).toBeNull();
  });
});

describe('Greeks by underlying', () => {
  test('are sums, largest dollar delta first', () => {
    const rows = greeksByUnderlying([
      position({ underlying: 'ETH', dollar_delta: -90_000, delta: -30 }),
      position({ dollar_delta: 61_000 }),
      position({ dollar_delta: -20_000, delta: -0.5 }),
    ]);
    expect(rows.map((row) => [row.underlying, row.dollar_delta, row.delta, row.positions])).toEqual(
      [
        ['ETH', -90_000, -30, 1],
        ['BTC', 41_000, 0.5, 2],
      ],
    );
  });

  test('are absent with the reason, not partial, when one position has none', () => {
    const [row] = greeksByUnderlying([
      position({}),
      position({
        symbol: 'BTC-PERP',
        gamma: null,
        dollar_gamma: null,
        reasons: { dollar_gamma: 'stale' },
      }),
    ]);
    expect(row?.dollar_gamma).toBeNull();
    expect(row?.reasons.dollar_gamma).toBe('1 of 2 positions without it (BTC-PERP: stale)');
    expect(row?.delta).toBe(2);
  });
});
