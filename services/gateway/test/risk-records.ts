import { decimal, type EpochUs } from '@cerberus/core';
import type { GreeksReport, Instrument, PositionGreeks } from '@cerberus/schema';
import { ACCOUNT, BTC, spot, type World } from './gateway-fixture.ts';

export const OPTION = 'BTC-20301227-60000-C.OTC';

export function option(): Instrument {
  return {
    ...spot(),
    instrument_id: OPTION,
    symbol: 'BTC-20301227-60000-C',
    venue: 'OTC',
    kind: 'OPTION',
    option_type: 'CALL',
    strike: decimal('60000'),
    expiration: (Date.UTC(2030, 11, 27, 8) * 1000) as EpochUs,
    style: 'EUROPEAN',
  };
}

export function position(world: World, instrumentId: string, quantity: string) {
  return {
    position_id: `${ACCOUNT}|${instrumentId}`,
    account_id: ACCOUNT,
    instrument_id: instrumentId,
    quantity: decimal(quantity),
    average_price: decimal('50000.123456789012345678'),
    realized_pnl: decimal('12.5'),
    fees: decimal('1'),
    currency: 'USDT',
    updated_at: world.nowUs(),
    revision: 1,
  };
}

const GREEKS = {
  delta: 2,
  gamma: 0.1,
  vega: 100,
  theta: -3,
  rho: 7,
  vanna: 1,
  volga: 3,
  charm: 0,
  speed: 0,
  zomma: 0,
  color: 0,
  dollar_delta: 120_000,
  dollar_gamma: 6,
};

function positionGreeks(instrumentId: string, values: Partial<PositionGreeks>): PositionGreeks {
  return {
    position_id: `${ACCOUNT}|${instrumentId}`,
    instrument_id: instrumentId,
    asset_class: 'crypto',
    quantity: 2,
    average_price: 50_000,
    mark_price: 60_000,
    market_value: 120_000,
    unrealized_pnl: 20_000,
    implied_volatility: null,
    ...GREEKS,
    quality: 'OK',
    reason: null,
    ...values,
  };
}

/** A coin and an option that has no volatility to be priced with. */
export function report(world: World): GreeksReport {
  const { speed: _s, zomma: _z, color: _c, ...totals } = GREEKS;
  const none = { mark_price: null, market_value: null, unrealized_pnl: null, vega: null };
  return {
    account_id: ACCOUNT,
    underlying: 'BTC',
    as_of: (world.nowUs() - 1000) as EpochUs,
    spot_price: 60_000,
    positions: [
      positionGreeks(BTC, {}),
      positionGreeks(OPTION, {
        ...none,
        delta: 1,
        asset_class: 'option',
        quality: 'UNTRUSTED',
        reason: 'no surface',
      }),
    ],
    totals: { market_value: 120_000, unrealized_pnl: 20_000, ...totals },
    surface_id: null,
    inputs: [{ name: `quote ${BTC}`, age_ms: 5 }],
    quality: 'OK',
  };
}

export function metrics(world: World, valueAtRisk: number) {
  return {
    account_id: ACCOUNT,
    as_of: world.nowUs(),
    method: 'historical, full revaluation; parametric_*: delta-normal',
    values: {
      portfolio_value: 120_000,
      var_99_1d: valueAtRisk,
      parametric_var_99_1d: 2400,
      es_99_1d: 3000,
      portfolio_delta: 2,
    },
    missing: { var_95_10d: 'no history' },
    stress: { btc_50_drop: -60_000 },
    inputs: [],
    quality: 'OK' as const,
  };
}

export function alert(world: World, id: string, severity: 'WARNING' | 'CRITICAL') {
  return {
    alert_id: id,
    rule: 'limit-near',
    category: 'limit',
    severity,
    state: 'RAISED' as const,
    subject: ACCOUNT,
    message: 'Limit near',
    data: { limit: 'x' },
    actions: ['reduce'],
    raised_at: world.nowUs(),
    updated_at: world.nowUs(),
    count: 1,
  };
}
