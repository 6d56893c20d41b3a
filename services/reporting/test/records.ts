import { decimal, type EpochUs } from '@cerberus/core';
import type { Account, Bar, Position, RiskMetrics, TcaReport } from '@cerberus/schema';

export const BTC = 'BTCUSDT.BINANCE';

export function riskMetrics(account: string, asOf: number, value: number | null): RiskMetrics {
  return {
    ...{ account_id: account, as_of: asOf as EpochUs, method: 'historical' },
    values: { portfolio_delta: 2, ...(value === null ? {} : { var_99_1d: value }) },
    missing: { var_95_10d: 'no history', not_kept: 'x' },
    ...{ stress: {}, inputs: [], quality: value === null ? 'DEGRADED' : 'OK' },
  };
}

export function bar(openTime: number, close: number, revision = 0): Bar {
  return {
    ...{ instrument_id: BTC, venue: 'BINANCE', interval: '1m', open_time: openTime as EpochUs },
    ...{ close_time: (openTime + 59_999_000) as EpochUs, open: 100, high: close + 1, low: 99 },
    ...{ close, volume: 2, quote_volume: 200, trade_count: 3, revision, complete: true },
    source: 'TRADES',
  };
}

export function position(at: number, quantity: string, revision: number): Position {
  return {
    ...{ position_id: `demo|${BTC}`, account_id: 'demo', instrument_id: BTC, currency: 'USDT' },
    ...{ quantity: decimal(quantity), average_price: decimal('60000.123456789012345678') },
    ...{ realized_pnl: decimal('-1.5'), fees: decimal('0.25'), revision },
    updated_at: at as EpochUs,
  };
}

export function account(at: number, cash: string, revision: number): Account {
  const balance = { realized_pnl: decimal('0'), fees: decimal('0') };
  return {
    ...{ account_id: 'demo', updated_at: at as EpochUs, revision },
    balances: [
      { ...balance, currency: 'USDT', cash: decimal(cash) },
      { ...balance, currency: 'BTC', cash: decimal('1') },
    ],
  };
}

export function report(at: number): TcaReport {
  return {
    ...{ order_id: 'o1', account_id: 'demo', instrument_id: BTC, final: true, orders: [] },
    ...{ as_of: at as EpochUs, fills: [], fees_usd: 10, impact_bps: null, spread_cost_usd: 1 },
    ...{ total_cost_usd: 11, violations: ['late'], realized_pnl: null, unrealized_pnl: null },
    ...{ latency_ms: 3, arrival_slippage_bps: 2.5, vwap_slippage_bps: null, fill_rate: 1 },
    ...{ passive_ratio: 0.5, missing: { impact_bps: 'no market' } },
  };
}
