import { decimal, epochUs } from '@cerberus/core';
import type { Fill, Instrument, OrderDecision, OrderEvent } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import { executionReport, type ReportInput } from '../src/index.ts';

const instrument = {
  instrument_id: 'BTCUSDT.BINANCE',
  venue: 'BINANCE',
  base_currency: 'BTC',
  quote_currency: 'USDT',
  contract_multiplier: decimal(1),
} as Instrument;

const decision = {
  order_id: 'o1',
  account_id: 'demo',
  instrument_id: instrument.instrument_id,
  side: 'BUY',
  order_type: 'LIMIT',
  time_in_force: 'GTC',
  quantity: decimal(4),
  limit_price: decimal('100.1'),
  arrival_mid: 100,
  decision_time: epochUs(1_000_000),
} as OrderDecision;

const fill = (id: number, price: string, detail: Partial<Fill> = {}): Fill => ({
  fill_id: `f${id}`,
  order_id: 'o1',
  client_order_id: 'c1',
  account_id: 'demo',
  instrument_id: instrument.instrument_id,
  venue: 'BINANCE',
  venue_trade_id: String(id),
  side: 'BUY',
  price: decimal(price),
  quantity: decimal(1),
  fee: decimal('0.1'),
  fee_currency: 'USDT',
  liquidity: 'TAKER',
  event_time: epochUs(1_500_000),
  record_time: epochUs(1_000_000 + id * 12_000),
  token: 1,
  ...detail,
});

const input: ReportInput = {
  decision,
  event: { status: 'PARTIALLY_FILLED' } as OrderEvent,
  fills: [fill(1, '100.1'), fill(2, '100', { liquidity: 'MAKER', fee: decimal('0.05') })],
  instrument,
  market: { arrivalBid: 99.9, arrivalAsk: 100.1, intervalVwap: 100.2, mid: 101 },
  dollarCurrencies: new Set(['USD', 'USDT']),
  asOf: epochUs(2_000_000),
};

// Reference: worked by hand from Perold's definitions; average price (100.1 + 100) / 2 = 100.05.
describe('execution report', () => {
  test('a half-filled buy, one fill taken and one made', () => {
    const report = executionReport(input);
    expect(report.final).toBe(false);
    expect(report.violations).toEqual([]);
    expect(report.arrival_slippage_bps).toBeCloseTo(5, 9);
    expect(report.impact_bps).toBeCloseTo(5 - 10, 9);
    expect(report.vwap_slippage_bps).toBeCloseTo((-0.15 / 100.2) * 10_000, 9);
    expect(report.fees_usd).toBeCloseTo(0.15, 12);
    expect(report.spread_cost_usd).toBeCloseTo(0.1, 12);
    expect(report.total_cost_usd).toBeCloseTo(2 * 0.05 + 0.15, 12);
    expect(report.unrealized_pnl).toBeCloseTo(2 * 0.95, 9);
    expect(report).toMatchObject({ fill_rate: 0.5, passive_ratio: 0.5, latency_ms: 12 });
    expect(report.fills.map(({ slippage_bps }) => slippage_bps)).toEqual([
      expect.closeTo(10, 9),
      expect.closeTo(0, 9),
    ]);
  });

  test('a sell has the opposite sign', () => {
    const sold = executionReport({
      ...input,
      decision: { ...decision, side: 'SELL', limit_price: null },
      fills: [fill(1, '99.9', { side: 'SELL' })],
    });
    expect(sold.arrival_slippage_bps).toBeCloseTo(10, 9);
  });

  test('without fills nothing is invented: null with its reason', () => {
    const report = executionReport({ ...input, fills: [], event: null });
    expect(report).toMatchObject({ arrival_slippage_bps: null, fill_rate: 0, passive_ratio: null });
    expect(report.missing).toMatchObject({
      arrival_slippage_bps: 'no fill yet',
      latency_ms: 'no fill yet',
    });
  });

  test('a fee in the base currency is worth its price, any other has no dollar value', () => {
    const inBase = fill(1, '100', { fee: decimal('0.001'), fee_currency: 'BTC' });
    expect(executionReport({ ...input, fills: [inBase] }).fees_usd).toBeCloseTo(0.1, 12);
    const inBnb = fill(1, '100', { fee_currency: 'BNB' });
    const report = executionReport({ ...input, fills: [inBnb] });
    expect(report).toMatchObject({ fees_usd: null, total_cost_usd: null });
    expect(report.missing['fees_usd']).toBe('no dollar price of BNB');
  });

  test('overfills and fills beyond the limit are named', () => {
    const fills = [1, 2, 3, 4, 5].map((id) => fill(id, id === 5 ? '100.2' : '100'));
    expect(executionReport({ ...input, fills }).violations).toEqual([
      expect.stringContaining('CRB_TCA_OVERFILL'),
      expect.stringContaining('CRB_TCA_LIMIT_PRICE: fill f5'),
    ]);
  });
});
