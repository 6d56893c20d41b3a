import { decimal, type EpochUs } from '@cerberus/core';
import type { GreeksReport, PositionGreeks, RiskMetrics, ScenarioVector } from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RiskEngineConfig } from '../src/config.ts';
import { riskEngine } from '../src/index.ts';
import {
  closesOf,
  dailyBar,
  INVERSE,
  instrument,
  linear,
  option,
  PERPETUAL,
  position,
  quote,
  SPOT,
} from './book.ts';

const CALL = 'BTC-CALL.OTC';
const S = 61_000;
const CONFIG: RiskEngineConfig = {
  references: { BTC: SPOT },
  ...{ rate: 0.03, dollarCurrencies: ['USD', 'USDT', 'USDC'], greeksEveryMs: 0 },
  ...{ metricsEveryMs: 50, scenariosEveryMs: 100, historyDays: 200, historyDaysMin: 30 },
  ...{ historyFile: '', ewmaDecay: 0.94, staleAfterMs: 60_000 },
};

let rig: ServiceRig;
let now: EpochUs;
const greeks: GreeksReport[] = [];
const metrics: RiskMetrics[] = [];
const scenarios: ScenarioVector[] = [];

beforeEach(async () => {
  rig = await ServiceRig.open();
  now = rig.host.clock.nowUs();
  for (const seen of [greeks, metrics, scenarios]) seen.length = 0;
  const into = { 'risk.greeks': greeks, 'risk.metrics': metrics, 'risk.scenarios': scenarios };
  await rig.bus.follow({
    ...{ topics: Object.keys(into), from: 'end' },
    onRecord: ({ topic, value }) => {
      const name = topic as keyof typeof into;
      const decoded = rig.codecs.decode(name, value!);
      if (decoded.ok) (into[name] as unknown[]).push(decoded.value);
    },
  });
  await rig.append('ref.instrument', ...linear(now));
});
afterEach(() => rig.close());

async function start(over: Partial<RiskEngineConfig> = {}): Promise<void> {
  await rig.ready(await rig.start(riskEngine, { ...CONFIG, ...over }));
}

/** Quotes of everything, all at the same mid but for the perpetual's basis. */
async function tick(mid = S): Promise<void> {
  const at = rig.host.clock.nowUs();
  const quotes = [quote(SPOT, at, mid), quote(PERPETUAL, at, mid + 100), quote(INVERSE, at, mid)];
  await rig.publish('md.quote', ...quotes);
}

async function report(
  what: string,
  wanted: (report: GreeksReport) => boolean,
): Promise<GreeksReport> {
  await eventually(what, () => greeks.some(wanted));
  return greeks.findLast(wanted)!;
}

async function figures(what: string, wanted: (m: RiskMetrics) => boolean): Promise<RiskMetrics> {
  await eventually(what, () => metrics.some(wanted));
  return metrics.findLast(wanted)!;
}

const of = (id: string) => (row: GreeksReport) =>
  row.positions.find(({ instrument_id }) => instrument_id === id)!;

const trusted = (r: GreeksReport) => r.positions.length > 0 && r.quality === 'OK';

/** Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17; off by less than 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - tail : tail;
}

/** Black and Scholes, J. Political Economy 81 (1973), eq. 13, written out anew. */
function call(spot: number, strike: number, years: number, volatility: number, rate: number) {
  const root = volatility * Math.sqrt(years);
  const d1 = (Math.log(spot / strike) + (rate + volatility ** 2 / 2) * years) / root;
  const discounted = strike * Math.exp(-rate * years);
  const density = Math.exp((-d1 * d1) / 2) / Math.sqrt(2 * Math.PI);
  return {
    price: spot * normalCdf(d1) - discounted * normalCdf(d1 - root),
    delta: normalCdf(d1),
    gamma: density / (spot * root),
    vega: spot * density * Math.sqrt(years),
  };
}

describe('Greeks of a small book', () => {
  test('linear and inverse contracts, against their payoffs written out', async () => {
    await rig.append(
      'position',
      position(SPOT, now, { quantity: '2', average: '50000' }),
      position(PERPETUAL, now, { quantity: '-3', average: '60000' }),
      position(INVERSE, now, { quantity: '50', average: '40000' }),
    );
    await start();
    await tick();
    const told = await report('a trusted report', trusted);
    expect(told.spot_price).toBe(S);
    expect(of(SPOT)(told)).toMatchObject({
      delta: 2,
      market_value: 2 * S,
      unrealized_pnl: 2 * S - 100_000,
    });
    // Short three at 60 000, marked at the perpetual's own 61 100.
    expect(of(PERPETUAL)(told)).toMatchObject({
      delta: -3,
      mark_price: S + 100,
      unrealized_pnl: -3 * 1100,
    });
    // 50 contracts of 100 USD long from 40 000 gain 5000·(1/40000 − 1/S) bitcoin, at S dollars each.
    const coins = 5000 * (1 / 40_000 - 1 / S);
    expect(of(INVERSE)(told).unrealized_pnl).toBeCloseTo(coins * S, 6);
    const later = 5000 * (1 / 40_000 - 1 / (S + 1)) * (S + 1);
    expect(of(INVERSE)(told).delta).toBeCloseTo(later - coins * S, 6);
    const total = told.positions.reduce((sum, row: PositionGreeks) => sum + row.delta!, 0);
    expect(told.totals.delta).toBeCloseTo(total, 12);
    expect(told.totals.dollar_delta).toBeCloseTo(total * S, 6);
  });

  test('a European call, against the formula', async () => {
    await rig.append('ref.instrument', option(CALL, now));
    await rig.append('position', position(CALL, now, { quantity: '-4', average: '7000' }));
    await start();
    await tick();
    const told = await report('a trusted report', trusted);
    const years = (now + 90 * 86_400_000_000 - told.as_of) / (365 * 86_400_000_000);
    const expected = call(S, 60_000, years, 0.6, 0.03);
    const row = of(CALL)(told);
    // The reference's own normal distribution is good to 7.5e-8, of a price of 61 000.
    expect(Math.abs(row.mark_price! - expected.price)).toBeLessThan(0.02);
    expect(row.delta).toBeCloseTo(-4 * expected.delta, 6);
    expect(row.gamma).toBeCloseTo(-4 * expected.gamma, 10);
    expect(row.vega).toBeCloseTo(-4 * expected.vega, 4);
    expect(row.unrealized_pnl).toBeCloseTo(-4 * (row.mark_price! - 7000), 6);
  });

  test('what cannot be priced is null with its reason, and so is the sum', async () => {
    const expired = option('BTC-OLD.OTC', now, { expiration: (now - 1) as EpochUs });
    const unsure = option('BTC-BARE.OTC', now, { volatility: null });
    const american = option('BTC-US.OTC', now, { style: 'AMERICAN' });
    await rig.append('ref.instrument', option(CALL, now), expired, unsure, american);
    for (const { instrument_id: id } of [expired, unsure, american]) {
      await rig.append('position', position(id, now, { quantity: '1', average: '1' }));
    }
    await rig.append('position', position(CALL, now, { quantity: '1', average: '1' }));
    await start();
    await tick();
    const told = await report('all four', (r) => r.positions.length === 4 && r.spot_price === S);
    expect(of('BTC-OLD.OTC')(told)).toMatchObject({
      delta: null,
      reason: 'expired',
      quality: 'UNTRUSTED',
    });
    expect(of('BTC-BARE.OTC')(told)).toMatchObject({
      market_value: null,
      reason: 'no volatility for BTC',
    });
    expect(of('BTC-US.OTC')(told).reason).toContain('AMERICAN');
    expect(of(CALL)(told).delta).toBeGreaterThan(0);
    expect(told.totals.delta).toBeNull();
    expect(told.quality).toBe('UNTRUSTED');
    const known = await figures('figures', (m) => m.account_id === 'demo');
    expect(known.values['portfolio_value']).toBeUndefined();
    expect(known.missing['portfolio_value']).toContain('not valued');
  });

  test('an option without a volatility of its own takes the recent one, and says so', async () => {
    await rig.append('ref.instrument', option(CALL, now, { volatility: null }));
    await rig.append('position', position(CALL, now, { quantity: '1', average: '1' }));
    await rig.publish('feature.value', {
      ...{ instrument_id: SPOT, as_of: now, values: { ewma_volatility: 0.5 }, missing: {} },
      ...{ inputs: [], quality: 'OK' },
    });
    await start();
    await tick();
    const told = await report('degraded', (r) => r.quality === 'DEGRADED');
    expect(of(CALL)(told)).toMatchObject({ implied_volatility: 0.5 });
    expect(of(CALL)(told).reason).toContain('ewma_volatility');
  });

  test('a price that grows old without a tick makes the Greeks untrusted, a new one trusted', async () => {
    await rig.append('position', position(SPOT, now, { quantity: '1', average: '1' }));
    await start({ staleAfterMs: 400 });
    await tick();
    await report('trusted', trusted);
    const aged = await report('aged', (r) => r.quality === 'UNTRUSTED' && r.spot_price === S);
    expect(aged.positions).toHaveLength(1);
    await figures('untrusted figures', (m) => m.quality === 'UNTRUSTED');
    greeks.length = 0;
    await tick();
    await report('trusted again', trusted);
  });

  test('a quote without a price changes nothing', async () => {
    await rig.append('position', position(SPOT, now, { quantity: '1', average: '1' }));
    await start();
    await tick();
    await report('trusted', trusted);
    greeks.length = 0;
    const at = rig.host.clock.nowUs();
    await rig.publish('md.quote', { ...quote(SPOT, at, S), bid_price: 0, ask_price: Number.NaN });
    await rig.publish('md.quote', quote(PERPETUAL, at, S));
    await rig.publish('md.quote', quote(SPOT, at, S + 5));
    const told = await report('the next good one', (r) => r.spot_price === S + 5);
    expect(of(SPOT)(told).market_value).toBe(S + 5);
    expect(greeks.every((r) => r.spot_price === S || r.spot_price === S + 5)).toBe(true);
  });

  test('an account that has closed everything hears that nothing is left', async () => {
    const held = position(SPOT, now, { quantity: '1', average: '1' });
    await rig.append('position', held);
    await start();
    await tick();
    await report('trusted', trusted);
    await rig.append('position', { ...held, quantity: decimal('0'), revision: 2 });
    const told = await report('an empty report', (r) => r.positions.length === 0);
    expect(told).toMatchObject({ account_id: 'demo', underlying: 'BTC', totals: { delta: 0 } });
  });

  test('a position in an instrument nobody has listed is missing with its name', async () => {
    await rig.append('position', position('NOPE.OTC', now, { quantity: '1', average: '1' }));
    await start();
    await tick();
    const known = await figures('figures', (m) => m.account_id === 'demo');
    expect(known.missing['portfolio_value']).toContain('NOPE.OTC: unknown instrument');
    await rig.append('ref.instrument', instrument('NOPE.OTC', now, { underlying: 'NOPE' }));
    await figures(
      'another reason',
      (m) => m.missing['portfolio_value']?.includes('no price') === true,
    );
  });
});

describe('value at risk', () => {
  /** Returns whose order is known: day i moves by (i·37 mod 100 − 50) / 1000. */
  const RETURNS = Array.from({ length: 100 }, (_, i) => (((i * 37) % 100) - 50) / 1000);

  async function history(): Promise<void> {
    const bars = closesOf(50_000, RETURNS).map((close, day) => dailyBar(SPOT, 20_000 + day, close));
    await rig.publish('md.bar', ...bars);
  }

  test('of a known P&L equals the naive count, over one day and over ten overlapping days', async () => {
    await rig.append('position', position(SPOT, now, { quantity: '2', average: '50000' }));
    await start();
    await history();
    await tick();
    const told = await figures('VaR', (m) => m.values['var_99_1d'] !== undefined);
    const naive = (returns: readonly number[], confidence: number) => {
      const losses = returns.map((r) => -2 * S * Math.expm1(r)).sort((a, b) => b - a);
      // The loss that is exceeded on exactly the share 1 − confidence of the days.
      return losses[Math.ceil(returns.length * (1 - confidence) - 1e-9) - 1]!;
    };
    const tenDays = RETURNS.slice(9).map((_, i) =>
      RETURNS.slice(i, i + 10).reduce((sum, r) => sum + r, 0),
    );
    expect(tenDays).toHaveLength(91);
    for (const [horizon, returns] of [
      ['1d', RETURNS],
      ['10d', tenDays],
    ] as const) {
      for (const percent of [95, 99]) {
        const value = told.values[`var_${percent}_${horizon}`]!;
        expect(Math.abs(value / naive(returns, percent / 100) - 1)).toBeLessThan(1e-9);
        expect(told.values[`es_${percent}_${horizon}`]!).toBeGreaterThanOrEqual(value);
      }
    }
    expect(told.values['portfolio_value']).toBeCloseTo(2 * S, 6);
    expect(told.stress['spot_down_10']).toBeCloseTo(-0.2 * S, 6);
    expect(told.stress['spot_up_20']).toBeCloseTo(0.4 * S, 6);
    expect(told.stress['btc_50_drop']).toBeCloseTo(-S, 6);
  });

  test('scenario vectors add up to the P&L behind the VaR of the account', async () => {
    await rig.append('ref.instrument', option(CALL, now));
    await rig.append(
      'position',
      position(SPOT, now, { quantity: '1', average: '50000' }),
      position(CALL, now, { quantity: '-3', average: '7000' }),
    );
    await start();
    await history();
    await tick();
    const told = await figures('VaR', (m) => m.values['var_95_1d'] !== undefined);
    await eventually('vectors', () =>
      [SPOT, CALL].every((id) => scenarios.some((v) => v.instrument_id === id)),
    );
    const vector = (id: string) => scenarios.findLast((v) => v.instrument_id === id)!;
    const [spot, sold] = [vector(SPOT), vector(CALL)];
    expect(spot.scenario_set_id).toBe(sold.scenario_set_id);
    const pnl = spot.unit_pnl.map((unit, day) => unit - 3 * sold.unit_pnl[day]!);
    const losses = pnl.map((one) => -one).sort((a, b) => b - a);
    // Time moves on between the two computations; an option of 90 days loses less than a cent in it.
    expect(Math.abs(losses[4]! - told.values['var_95_1d']!)).toBeLessThan(1);
  });

  test('too little history: no figure, and why', async () => {
    await rig.append('position', position(SPOT, now, { quantity: '1', average: '1' }));
    await start();
    await rig.publish('md.bar', dailyBar(SPOT, 20_000, 50_000), dailyBar(SPOT, 20_001, 50_100));
    await tick();
    const told = await figures('a value', (m) => m.values['portfolio_value'] !== undefined);
    expect(told.values['var_99_1d']).toBeUndefined();
    expect(told.missing['var_99_1d']).toContain('fewer than 30 daily returns');
  });
});
