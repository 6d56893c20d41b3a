import { decimal, formatDecimal, roundToStep, toNumber } from '@cerberus/core';
import { SystemRng } from '@cerberus/runtime';
import type { VenueSim } from '@cerberus/service-venue-sim';
import {
  type BinanceMarket,
  BinanceMarketConnection,
  BinanceRestClient,
  BinanceTradingClient,
  BinanceUserStream,
  binanceEndpoints,
  type MarketAnomaly,
  type MarketDataEvent,
  type NewVenueOrder,
  RequestBudget,
  SPOT_LIMITS,
  type TimeOffset,
  type UserEvent,
  type VenueAnswer,
} from '@cerberus/venues';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clock, credentials, otherCredentials, startSim, until } from '../sim-fixture.ts';

const rng = new SystemRng();
let sim: VenueSim;
beforeAll(async () => {
  sim = await startSim();
});
afterAll(() => sim.stop());

function endpointsOf(market: 'spot' | 'usdm') {
  return binanceEndpoints(
    market,
    market === 'spot'
      ? { rest: sim.spotUrl, ws: sim.spotWsUrl }
      : { rest: sim.futuresUrl, ws: sim.futuresWsUrl },
  );
}

function clientOf(market: 'spot' | 'usdm', who = credentials): BinanceTradingClient {
  return new BinanceTradingClient({
    market,
    endpoints: endpointsOf(market),
    credentials: who,
    clock,
    deadlineMs: 1000,
  });
}

async function place(client: BinanceTradingClient, order: NewVenueOrder) {
  const built = await client.place(order);
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

/** Both sides read one clock, so the true offset is 0; the venue tells whole milliseconds. */
function expectSameClock({ known, offsetMs, errorMs }: TimeOffset): void {
  expect(known).toBe(true);
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(errorMs + 1);
}

function value<T>(answer: VenueAnswer<T>): T {
  if (answer.outcome !== 'ok') throw new Error(JSON.stringify(answer));
  return answer.value;
}

const MARKETS: ['spot' | 'usdm'][] = [['spot'], ['usdm']];

describe.each(MARKETS)('trading client on %s', (market) => {
  let client: BinanceTradingClient;
  beforeAll(() => {
    client = clientOf(market);
  });
  afterAll(() => client.close());

  const limit = (over: Partial<Extract<NewVenueOrder, { type: 'limit' }>>): NewVenueOrder => ({
    type: 'limit',
    symbol: 'BTCUSDT',
    side: 'BUY',
    quantity: decimal('0.01'),
    price: decimal('10000'),
    timeInForce: 'GTC',
    clientOrderId: undefined,
    ...over,
  });

  test('reads the instruments and the time', async () => {
    const info = value(await client.exchangeInfo());
    expect(info.refused).toEqual([]);
    expect(info.instruments.map((instrument) => instrument.symbol)).toContain('BTCUSDT');
    await client.syncTime();
    expectSameClock(client.timeOffset);
  });

  test('an order far from the market rests, shows as open, and is cancelled', async () => {
    const placed = value(await place(client, limit({ clientOrderId: `rest-${market}` })));
    expect(placed).toMatchObject({ status: 'NEW', clientOrderId: `rest-${market}` });
    const open = value(await client.openOrders('BTCUSDT'));
    expect(open.map((order) => order.clientOrderId)).toContain(`rest-${market}`);
    const reference = { symbol: 'BTCUSDT', clientOrderId: `rest-${market}` };
    expect(value(await client.cancel(reference)).status).toBe('CANCELED');
    expect(value(await client.query(reference)).status).toBe('CANCELED');
    expect(await client.cancel(reference)).toMatchObject({
      outcome: 'rejected',
      reason: 'unknown_order',
    });
  });

  test('a market order fills at the touch and moves the balances', async () => {
    const before = value(await client.account());
    const order = value(
      await place(client, {
        type: 'market',
        symbol: 'BTCUSDT',
        side: 'BUY',
        quantity: decimal('0.02'),
        clientOrderId: `market-${market}`,
      }),
    );
    expect([order.status, formatDecimal(order.filledQuantity)]).toEqual(['FILLED', '0.02']);
    const trades = value(
      await client.myTrades({ symbol: 'BTCUSDT', venueOrderId: order.venueOrderId }),
    );
    const quantity = trades.reduce((sum, trade) => sum + trade.quantity, 0n);
    expect(quantity).toBe(order.filledQuantity);
    expect(trades.every((trade) => !trade.maker && trade.fee > 0n)).toBe(true);
    const after = value(await client.account());
    if (market === 'spot') {
      const free = (account: typeof after, asset: string) =>
        account.balances.find((balance) => balance.asset === asset)?.free ?? 0n;
      const fees = trades.reduce((sum, trade) => sum + trade.fee, 0n);
      expect(free(after, 'BTC') - free(before, 'BTC')).toBe(quantity - fees);
      expect(free(before, 'USDT') - free(after, 'USDT')).toBe(order.filledValue);
    } else {
      const held = after.positions.find((position) => position.symbol === 'BTCUSDT');
      expect(held?.quantity).toBe(decimal('0.02'));
    }
  });

  test('refusals come in the venue’s classes', async () => {
    const refusal = async (order: NewVenueOrder) => {
      const answer = await place(client, order);
      return answer.outcome === 'rejected' ? answer.reason : answer.outcome;
    };
    expect(await refusal(limit({ price: decimal('10000.001') }))).toBe('filter');
    expect(await refusal(limit({ quantity: decimal('0.0000001') }))).toBe('filter');
    expect(await refusal(limit({ symbol: 'NOPEUSDT' }))).toBe('unknown_symbol');
    expect(await refusal(limit({ quantity: decimal('5000') }))).toBe('insufficient_balance');
    expect(
      await refusal({
        type: 'post-only',
        symbol: 'BTCUSDT',
        side: 'BUY',
        quantity: decimal('0.01'),
        price: decimal('500000'),
        clientOrderId: undefined,
      }),
    ).toBe('would_take');
    const query = await client.query({ symbol: 'BTCUSDT', clientOrderId: 'never-sent' });
    expect(query).toMatchObject({ outcome: 'rejected', reason: 'unknown_order', code: -2013 });
    const old = await client.openOrders('BTCUSDT', { timestampMs: client.timestampMs() - 6000 });
    expect(old).toMatchObject({ outcome: 'rejected', reason: 'bad_timestamp', code: -1021 });
  });

  test('a client id is refused while its order is open and free afterwards', async () => {
    const order = limit({ clientOrderId: `twice-${market}` });
    value(await place(client, order));
    expect(await place(client, order)).toMatchObject({ reason: 'duplicate_client_order_id' });
    value(await client.cancel({ symbol: 'BTCUSDT', clientOrderId: `twice-${market}` }));
    const again = value(await place(client, order));
    value(await client.cancel({ symbol: 'BTCUSDT', venueOrderId: again.venueOrderId }));
  });

  test('what was executed but not answered is UNKNOWN, and a query finds it', async () => {
    for (const action of ['drop_after', 'error_after', 'garbage_after'] as const) {
      const clientOrderId = `${action}-${market}`;
      sim.faults.add({ target: 'rest', action, market, method: 'POST', path: '/order' });
      const answer = await place(client, limit({ clientOrderId }));
      expect(answer.outcome).toBe('unknown');
      const found = value(await client.query({ symbol: 'BTCUSDT', clientOrderId }));
      expect(found.status).toBe('NEW');
      value(await client.cancel({ symbol: 'BTCUSDT', clientOrderId }));
    }
    sim.faults.add({ target: 'rest', action: 'delay', delay_ms: 1500, market, path: '/order' });
    const late = await place(client, limit({ clientOrderId: `late-${market}` }));
    expect(late).toMatchObject({ outcome: 'unknown', reason: 'timeout' });
    sim.faults.add({ target: 'rest', action: 'drop_before', market, path: '/order' });
    const lost = await place(client, limit({ clientOrderId: `lost-${market}` }));
    expect(lost.outcome).toBe('unknown');
    const query = await client.query({ symbol: 'BTCUSDT', clientOrderId: `lost-${market}` });
    expect(query).toMatchObject({ outcome: 'rejected', reason: 'unknown_order' });
  });

  test('a throttle closes the budget until the venue’s time is over', async () => {
    const fresh = clientOf(market);
    sim.faults.add({ target: 'rest', action: 'throttle', market, retry_after_s: 1 });
    const throttled = await fresh.query({ symbol: 'BTCUSDT', clientOrderId: 'any' });
    expect(throttled).toEqual({ outcome: 'rate-limited', by: 'venue', retryAfterMs: 1000 });
    const struckBefore = JSON.stringify(sim.faults.struck);
    const held = await fresh.query({ symbol: 'BTCUSDT', clientOrderId: 'any' });
    expect(held).toMatchObject({ outcome: 'rate-limited', by: 'ban' });
    expect(JSON.stringify(sim.faults.struck)).toBe(struckBefore);
    await clock.sleep(1050);
    const again = await fresh.query({ symbol: 'BTCUSDT', clientOrderId: 'never' });
    expect(again.outcome).toBe('rejected');
    fresh.close();
  });

  test('the ledger tells every accepted order with its client id', () => {
    const accepted = sim.ledger
      .read()
      .filter((record) => record.kind === 'accept' && record.market === market)
      .map((record) => (record.kind === 'accept' ? record.client_order_id : ''));
    expect(accepted).toEqual(
      expect.arrayContaining([`rest-${market}`, `market-${market}`, `drop_after-${market}`]),
    );
    expect(accepted).not.toContain(`lost-${market}`);
  });
});

describe.each(MARKETS)('user stream on %s', (market) => {
  test('order and fill events of both accounts of one trade, and a new connection after a cut', async () => {
    const client = clientOf(market);
    const other = clientOf(market, otherCredentials);
    const events: UserEvent[] = [];
    let live = 0;
    const stream = new BinanceUserStream({
      market,
      endpoints: endpointsOf(market),
      credentials,
      rest: client.rest,
      clock,
      rng,
      timestampMs: () => client.timestampMs(),
      onEvent: (event) => events.push(event),
      onLive: () => {
        live += 1;
      },
      onDown: () => undefined,
      timings: { backoffFirstMs: 10 },
    });
    stream.start();
    await until(() => live === 1, 'the user stream');
    const book = sim.exchanges[market];
    const spec = book.spec('ETHUSDT');
    const bid = book.engine('ETHUSDT').bestTicks('BUY') ?? 0;
    const clientOrderId = `maker-${market}`;
    value(
      await place(client, {
        type: 'limit',
        symbol: 'ETHUSDT',
        side: 'SELL',
        quantity: decimal('0.5'),
        price: spec.grid.price.decimal(bid + 1),
        timeInForce: 'GTC',
        clientOrderId,
      }),
    );
    await place(other, {
      type: 'limit',
      symbol: 'ETHUSDT',
      side: 'BUY',
      quantity: decimal('0.5'),
      price: spec.grid.price.decimal(bid + 1),
      timeInForce: 'IOC',
      clientOrderId: undefined,
    });
    const orders = () =>
      events.flatMap((event) =>
        event.kind === 'order' && event.order.clientOrderId === clientOrderId ? [event] : [],
      );
    await until(() => orders().some((event) => event.order.status === 'FILLED'), 'the fill');
    expect(orders()[0]).toMatchObject({ execution: 'NEW' });
    const filled = orders().filter((event) => event.trade !== undefined);
    expect(filled.every((event) => event.trade?.side === 'SELL')).toBe(true);
    const quantity = filled.reduce((sum, event) => sum + (event.trade?.quantity ?? 0n), 0n);
    expect(quantity).toBe(decimal('0.5'));
    expect(events.some((event) => event.kind === 'balances')).toBe(true);
    expect(events.filter((event) => event.kind === 'refused')).toEqual([]);

    sim.faults.add({ target: 'user', action: 'disconnect', market });
    await place(client, {
      type: 'limit',
      symbol: 'ETHUSDT',
      side: 'BUY',
      quantity: decimal('0.5'),
      price: roundToStep(decimal('1000'), spec.tick, 'down'),
      timeInForce: 'GTC',
      clientOrderId: `after-cut-${market}`,
    });
    await until(() => live === 2, 'the second connection');
    await client.cancel({ symbol: 'ETHUSDT', clientOrderId: `after-cut-${market}` });
    await until(
      () =>
        events.some(
          (event) =>
            event.kind === 'order' &&
            event.order.clientOrderId === `after-cut-${market}` &&
            event.order.status === 'CANCELED',
        ),
      'the cancellation on the new connection',
    );
    stream.stop();
    client.close();
    other.close();
  });
});

describe.each(MARKETS)('market data on %s', (market) => {
  function connect(symbols: readonly string[], streams: readonly string[]) {
    const events: MarketDataEvent[] = [];
    const anomalies: MarketAnomaly[] = [];
    const statuses: string[] = [];
    const rest = new BinanceRestClient({
      baseUrl: endpointsOf(market).rest,
      clock,
      budget: new RequestBudget(clock, SPOT_LIMITS),
    });
    const connection = new BinanceMarketConnection({
      market: market as BinanceMarket,
      endpoints: endpointsOf(market),
      grids: symbols.map((symbol) => sim.exchanges[market].spec(symbol).grid),
      streams,
      rest,
      clock,
      rng,
      timings: { backoffFirstMs: 10, silenceMs: 2000, dataSilenceMs: 800, pingEveryMs: 100 },
      onEvent: (event) => events.push(event),
      onAnomaly: (anomaly) => anomalies.push(anomaly),
      onStatus: (status) =>
        statuses.push(status.state === 'down' ? `down ${status.reason}` : status.state),
    });
    connection.start();
    const stop = () => {
      connection.stop();
      rest.close();
    };
    return { connection, events, anomalies, statuses, stop };
  }

  test('every stream arrives and the local book is the venue’s book', async () => {
    const futures = market === 'usdm';
    const streams = ['depth@100ms', 'bookTicker', 'trade', 'aggTrade', 'kline_1m'];
    const { connection, events, anomalies, stop } = connect(
      ['BTCUSDT', 'ETHUSDT'],
      futures ? [...streams, 'markPrice@1s'] : streams,
    );
    await until(() => connection.live, 'both books');
    const kinds = () => new Set(events.map((event) => event.kind));
    await until(() => kinds().size === (futures ? 7 : 6), 'one event of every kind');
    await until(() => (connection.book('ETHUSDT')?.counts.applied ?? 0) > 5, 'some deltas');
    expect(anomalies.filter((anomaly) => anomaly.kind !== 'stale_snapshot')).toEqual([]);
    expect(connection.counts.total).toMatchObject({ refused: 0, ignored: 0 });
    expectSameClock(connection.timeOffset);
    const sync = connection.book('BTCUSDT');
    const engine = sim.exchanges[market].engine('BTCUSDT');
    await until(() => {
      const local = sync?.book.top(50).bids ?? [];
      const venue = [...engine.levels('BUY')].slice(0, 50).flat();
      return JSON.stringify(local) === JSON.stringify(venue);
    }, 'equal books');
    stop();
  });

  test('gap, duplicate, malformed frame, cut and silence are seen and mended', async () => {
    const { connection, anomalies, statuses, stop } = connect(['BTCUSDT'], ['depth@100ms']);
    await until(() => connection.live, 'the book');
    for (const [action, anomaly] of [
      ['gap', 'gap'],
      ['duplicate', 'duplicate'],
      ['malformed', 'refused_frame'],
    ] as const) {
      sim.faults.add({ target: 'stream', action, market, symbol: 'BTCUSDT' });
      await until(() => anomalies.some((one) => one.kind === anomaly), action);
      await until(() => connection.live, `the book after ${action}`);
    }
    sim.faults.add({ target: 'stream', action: 'disconnect', market });
    await until(() => statuses.filter((state) => state === 'live').length === 2, 'reconnection');
    await until(() => connection.live, 'the book after the cut');
    sim.faults.add({ target: 'stream', action: 'silence', market, delay_ms: 1500 });
    await until(() => statuses.includes('down data_silence'), 'the silence');
    await until(() => connection.live, 'the book after the silence');
    const book = connection.book('BTCUSDT')?.book;
    expect((book?.bestBid?.ticks ?? 0) < (book?.bestAsk?.ticks ?? 0)).toBe(true);
    stop();
  });
});

test('the generated perpetual follows its spot', () => {
  const spot = toNumber(sim.exchanges.spot.midPrice('BTCUSDT'));
  const perpetual = toNumber(sim.exchanges.usdm.midPrice('BTCUSDT'));
  expect(Math.abs(perpetual / spot - 1)).toBeLessThan(0.01);
});
