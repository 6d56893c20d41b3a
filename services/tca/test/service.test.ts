import { decimal, type EpochUs, ONE } from '@cerberus/core';
import type { Fill, Instrument, OrderDecision, OrderEvent, TcaReport } from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tca } from '../src/index.ts';

const BTC = 'BTCUSDT.BINANCE';
const CONFIG = {
  ...{ dollarCurrencies: ['USD', 'USDT'], arrivalQuoteMaxAgeMs: 600_000, keepCompleteMs: 600_000 },
};

let rig: ServiceRig;
let reports: TcaReport[];
let at: EpochUs;

beforeEach(async () => {
  rig = await ServiceRig.open();
  at = rig.host.clock.nowUs();
  await follow();
  await rig.append('ref.instrument', instrument());
  await rig.ready(await rig.start(tca, CONFIG));
});
afterEach(() => rig.close());

async function follow(): Promise<void> {
  reports = [];
  await rig.bus.follow({
    ...{ topics: ['tca.report'], from: 'end' },
    onRecord: ({ value }) => {
      const decoded = rig.codecs.decode('tca.report', value!);
      if (decoded.ok) reports.push(decoded.value);
    },
  });
}

function instrument(): Instrument {
  return {
    ...{ instrument_id: BTC, symbol: 'BTCUSDT', venue: 'BINANCE', venue_symbol: 'BTCUSDT' },
    ...{ kind: 'SPOT', underlying: 'BTC', base_currency: 'BTC', quote_currency: 'USDT' },
    ...{ settlement_currency: 'USDT', tick_size: decimal('0.01'), lot_size: decimal('0.001') },
    ...{ min_quantity: decimal('0.001'), max_quantity: null, min_notional: decimal('5') },
    ...{ contract_multiplier: ONE, inverse: false, option_type: null, strike: null },
    ...{ expiration: null, style: null, volatility: null, status: 'TRADING', updated_at: at },
  } as Instrument;
}

/** An approved order to buy two bitcoins with the mid at 60 000. */
function decision(id: string, over: Partial<OrderDecision> = {}): OrderDecision {
  return {
    ...{ decision_id: `d-${id}`, request_id: `r-${id}`, kind: 'NEW', order_id: id },
    ...{ account_id: 'demo', strategy_id: null, instrument_id: BTC, side: 'BUY' },
    ...{ order_type: 'LIMIT', quantity: decimal('2'), limit_price: decimal('60100') },
    ...{ stop_price: null, time_in_force: 'GTC', expire_time: null, post_only: false },
    ...{ reduce_only: false, outcome: 'APPROVED', checks: [], reference_price: 60_000 },
    ...{ arrival_mid: 60_000, reference_time: at, decision_time: at, elapsed_us: 1 },
    ...{ expires_at: (at + 10_000_000) as EpochUs, ...over },
  } as OrderDecision;
}

function fill(id: string, trade: string, price: string): Fill {
  return {
    ...{ fill_id: `${BTC}:${trade}:demo`, order_id: id, client_order_id: 'c', account_id: 'demo' },
    ...{ instrument_id: BTC, venue: 'BINANCE', venue_trade_id: trade, side: 'BUY' },
    ...{ price: decimal(price), quantity: ONE, fee: decimal('5'), fee_currency: 'USDT' },
    ...{ liquidity: trade === '1' ? 'TAKER' : 'MAKER', token: 1 },
    event_time: (at + Number(trade) * 100_000) as EpochUs,
    // Latency is counted to where the platform knew of the fill.
    record_time: (at + Number(trade) * 110_000) as EpochUs,
  } as Fill;
}

function event(
  id: string,
  sequence: number,
  status: OrderEvent['status'],
  filled: string,
): OrderEvent {
  return {
    ...{ event_id: `${id}:${sequence}`, order_id: id, account_id: 'demo', instrument_id: BTC },
    ...{ venue: 'BINANCE', decision_id: `d-${id}`, client_order_id: 'c', venue_order_id: '9' },
    ...{ sequence, status, previous_status: null, side: 'BUY', order_type: 'LIMIT' },
    ...{ time_in_force: 'GTC', quantity: decimal('2'), limit_price: decimal('60100') },
    ...{ filled_quantity: decimal(filled), average_price: null, last_quantity: null },
    ...{ last_price: null, event_time: at, record_time: at, reason: null, token: 1 },
  } as OrderEvent;
}

async function final(id: string): Promise<TcaReport> {
  const wanted = (report: TcaReport) => report.order_id === id && report.final;
  await eventually(`the final report of ${id}`, () => reports.some(wanted));
  return reports.findLast(wanted)!;
}

async function publishTrade(tradeId: string, offsetUs: number, price: number): Promise<void> {
  const event_time = (at + offsetUs) as EpochUs;
  await rig.publish('md.trade', {
    ...{ instrument_id: BTC, venue: 'BINANCE', event_time, receive_time: event_time },
    ...{ trade_id: tradeId, price, quantity: 1, aggressor: 'BUY' },
  });
}

test('an order from decision to last fill: every figure as worked out by hand', async () => {
  await publishTrade('before', -1_000_000, 59_000);
  await publishTrade('one', 50_000, 60_004);
  await publishTrade('two', 150_000, 60_008);
  await rig.append('order.decision', decision('o1'));
  await rig.append('order.event', event('o1', 1, 'NEW', '0'));
  await rig.append('fill', fill('o1', '1', '60010'));
  await rig.append('order.event', event('o1', 2, 'PARTIALLY_FILLED', '1'));
  await rig.append('fill', fill('o1', '2', '60020'));
  await rig.append('order.event', event('o1', 3, 'FILLED', '2'));
  const report = await final('o1');
  // Average 60 015 against 60 000 is 2.5 basis points; against the tape's 60 006 it is 1.4999 or so.
  expect(report.arrival_slippage_bps).toBeCloseTo(2.5, 10);
  expect(report.vwap_slippage_bps).toBeCloseTo((9 / 60_006) * 1e4, 10);
  expect(report).toMatchObject({ fees_usd: 10, fill_rate: 1, passive_ratio: 0.5, latency_ms: 110 });
  expect(report.total_cost_usd).toBeCloseTo(2 * 15 + 10, 8);
  expect(report.fills).toHaveLength(2);
  expect(report.violations).toEqual([]);
});

test('a report is final only when every fill is here, though the end was read first', async () => {
  await rig.append('order.decision', decision('o1'));
  await rig.append('order.event', event('o1', 3, 'FILLED', '2'));
  await rig.append('fill', fill('o1', '1', '60010'));
  await eventually('a first report', () => reports.length > 0);
  await rig.append('fill', fill('o1', '2', '60020'));
  const report = await final('o1');
  expect(report.fills).toHaveLength(2);
  expect(reports.filter(({ fills }) => fills.length < 2).every((r) => !r.final)).toBe(true);
});

test('what comes twice counts once, what comes first of all waits, what is broken is set aside', async () => {
  await rig.append('fill', fill('o1', '1', '60010'), fill('o1', '1', '60010'));
  await rig.appendRaw('fill', 'demo', Buffer.from('no avro'));
  await rig.append('order.decision', decision('o1'), decision('o1'));
  await rig.append('fill', fill('o1', '2', '60020'), fill('o1', '1', '60010'));
  await rig.append('order.event', event('o1', 3, 'FILLED', '2'), event('o1', 2, 'NEW', '1'));
  expect((await final('o1')).fees_usd).toBe(10);
  await eventually('the dead letter', async () => (await rig.deadLetters('fill')) === 1);
});

test('an order that ended unfilled has a report; a blocked one and a cancel have none', async () => {
  await rig.append('order.decision', decision('blocked', { outcome: 'BLOCKED' }));
  await rig.append('order.decision', decision('o1', { kind: 'CANCEL', decision_id: 'dc' }));
  await rig.append('order.decision', decision('o1'));
  await rig.append('order.event', event('o1', 1, 'REJECTED', '0'));
  const report = await final('o1');
  expect(report).toMatchObject({ fill_rate: 0, arrival_slippage_bps: null });
  expect(report.missing['arrival_slippage_bps']).toBe('no fill yet');
  expect(reports.every(({ order_id }) => order_id === 'o1')).toBe(true);
});

test('without a mid at the decision nothing is made up', async () => {
  await rig.append('order.decision', decision('o1', { arrival_mid: null }));
  await rig.append('fill', fill('o1', '1', '60010'));
  await rig.append('order.event', event('o1', 2, 'CANCELED', '1'));
  const report = await final('o1');
  expect(report).toMatchObject({
    arrival_slippage_bps: null,
    total_cost_usd: null,
    fill_rate: 0.5,
  });
  expect(report.missing['arrival_slippage_bps']).toContain('no mid price');
});

test('the spread at arrival is that of the quote then, not of a later one', async () => {
  const quote = (bid: number) => ({
    ...{ instrument_id: BTC, venue: 'BINANCE', event_time: at, receive_time: at, sequence: 1 },
    ...{ bid_price: bid, ask_price: bid + 12, bid_quantity: 1, ask_quantity: 1 },
    quality: 'OK' as const,
  });
  await rig.publish('md.quote', quote(59_994));
  let tries = 0;
  // The quote and the decision come by different ways: an order decided before it is tried again.
  await eventually('a report with the spread', async () => {
    tries += 1;
    const id = `o${tries}`;
    await rig.append('order.decision', decision(id));
    await rig.append('fill', fill(id, '1', '60010'));
    await rig.append('order.event', event(id, 2, 'CANCELED', '1'));
    return (await final(id)).impact_bps !== null;
  });
  await rig.publish('md.quote', quote(1000));
  const id = `o${tries}`;
  await rig.append('order.event', event(id, 3, 'CANCELED', '1'));
  const report = await final(id);
  // 10 dollars of slippage less the half-spread of 6, on 60 000.
  expect(report.impact_bps).toBeCloseTo((4 / 60_000) * 1e4, 8);
  expect(report.spread_cost_usd).toBeCloseTo(6, 8);
});

test('an order half done goes on after a restart', async () => {
  await rig.append('order.decision', decision('o1'));
  await rig.append('fill', fill('o1', '1', '60010'));
  await eventually('a first report', () => reports.length > 0);
  await rig.restart();
  await follow();
  await rig.ready(await rig.start(tca, CONFIG));
  await rig.append('fill', fill('o1', '2', '60020'));
  await rig.append('order.event', event('o1', 3, 'FILLED', '2'));
  const report = await final('o1');
  expect(report.fills).toHaveLength(2);
  expect(report.fees_usd).toBe(10);
  expect(report.arrival_slippage_bps).toBeCloseTo(2.5, 10);
});
