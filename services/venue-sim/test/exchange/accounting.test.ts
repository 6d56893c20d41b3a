import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal, formatDecimal, multiply, type ZERO } from '@cerberus/core';
import { SeededRng } from '@cerberus/runtime';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Exchange } from '../../src/exchange/exchange.ts';
import { VenueLedger } from '../../src/exchange/ledger.ts';
import { VenueError } from '../../src/exchange/venue-error.ts';
import { GeneratedMarket } from '../../src/market/generated-market.ts';
import { PriceModel } from '../../src/market/price-model.ts';
import { DEFAULT_SYMBOLS, type SimMarket, type SymbolSpec } from '../../src/market/symbol-spec.ts';

const folder = mkdtempSync(join(tmpdir(), 'accounting-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START_MS = Date.UTC(2026, 5, 1);
const ACCOUNTS = ['alice', 'bob'];
const silent = {
  onTrade: () => undefined,
  onBookChanged: () => undefined,
  onOrderRecord: () => undefined,
};

function open(market: SimMarket, ledger: VenueLedger, nowMs: () => number): Exchange {
  return new Exchange({
    market,
    symbols: DEFAULT_SYMBOLS.filter((spec) => spec.market === market),
    accounts: new Map(),
    ledger,
    fees: { maker: decimal('0.0002'), taker: decimal('0.0005') },
    leverage: 20,
    nowMs,
    listener: silent,
  });
}

/** Every balance of every account, as text. */
function balances(exchange: Exchange): unknown {
  return ACCOUNTS.map((name) => {
    const { spot, futures } = exchange.book.account(name);
    return {
      spot: [...spot.balances].map(([asset, { free, locked }]) => [
        asset,
        formatDecimal(free),
        formatDecimal(locked),
      ]),
      wallet: formatDecimal(futures.walletBalance),
      positions: [...futures.positions]
        .filter(([, position]) => position.quantity !== 0n)
        .map(([symbol, { quantity, entryPrice }]) => [
          symbol,
          formatDecimal(quantity),
          formatDecimal(entryPrice),
        ]),
    };
  });
}

/** Random orders and cancellations of both accounts beside a moving market; the same for a seed. */
function trade(exchange: Exchange, spec: SymbolSpec, clock: { ms: number }, seed: number): number {
  const rng = new SeededRng(seed);
  const model = new PriceModel(seed, spec);
  const market = new GeneratedMarket(exchange.target(spec.symbol), model, new SeededRng(seed + 1));
  const pick = <T>(list: readonly T[]): T => list[rng.nextUint32() % list.length] as T;
  let refused = 0;
  for (let step = 0; step < 1500; step += 1) {
    clock.ms += 100;
    market.step(clock.ms, 100);
    const account = pick(ACCOUNTS);
    const side = pick(['BUY', 'SELL']);
    const mid = Number(exchange.midPrice(spec.symbol) / spec.tick);
    const ticks = BigInt(mid + (rng.nextUint32() % 120) - 60);
    const price = formatDecimal((ticks * spec.tick) as typeof spec.tick);
    const lots = BigInt(1000 + (rng.nextUint32() % 20_000));
    const quantity = formatDecimal((lots * spec.lot) as typeof spec.lot);
    const order = new Map([
      ['symbol', spec.symbol],
      ['side', side],
      ['quantity', quantity],
    ]);
    const form = pick([...Array<string>(14).fill('GTC'), 'IOC', 'FOK', 'MARKET', 'CANCEL']);
    try {
      if (form === 'CANCEL') exchange.cancelAll(account, spec.symbol, 'client');
      else if (form === 'MARKET') exchange.place(account, order.set('type', 'MARKET'));
      else {
        order.set('type', 'LIMIT').set('timeInForce', form).set('price', price);
        exchange.place(account, order);
      }
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      refused += 1;
    }
  }
  return refused;
}

describe.each([
  ['spot', 'ETHUSDT'],
  ['usdm', 'ETHUSDT'],
] as const)('%s accounting over random trading', (market, symbol) => {
  const file = join(folder, `${market}.jsonl`);
  const clock = { ms: START_MS };
  const ledger = new VenueLedger({ file });
  const exchange = open(market, ledger, () => clock.ms);
  for (const name of ACCOUNTS) {
    exchange.openAccount(name, market === 'spot' ? { USDT: '30000', ETH: '10' } : { USDT: '9000' });
  }
  const spec = exchange.spec(symbol);
  const refused = trade(exchange, spec, clock, 11);
  const records = ledger.read();
  const fills = records.flatMap((record) => (record.kind === 'fill' ? [record] : []));

  test('trades as maker and as taker happen, and some orders are refused', () => {
    expect(fills.filter((fill) => fill.maker).length).toBeGreaterThan(50);
    expect(fills.filter((fill) => !fill.maker).length).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(0);
  });

  test('no order is overfilled, filled after its end, or filled beyond its limit', () => {
    const left = new Map<number, bigint>();
    const accepted = new Map<number, (typeof records)[number]>();
    for (const record of records) {
      if (record.kind === 'accept') {
        left.set(record.order_id, decimal(record.quantity));
        accepted.set(record.order_id, record);
      } else if (record.kind === 'end') left.delete(record.order_id);
      else if (record.kind === 'fill') {
        const rest = (left.get(record.order_id) ?? -1n) - decimal(record.quantity);
        expect(rest).toBeGreaterThanOrEqual(0n);
        left.set(record.order_id, rest);
        const order = accepted.get(record.order_id);
        if (order?.kind !== 'accept' || order.type === 'MARKET') continue;
        const [limit, price] = [decimal(order.price), decimal(record.price)];
        expect(order.side === 'BUY' ? price <= limit : price >= limit).toBe(true);
      }
    }
  });

  test('balances are the deposits and the fills, to the last digit, and nothing is overspent', () => {
    for (const name of ACCOUNTS) {
      const account = exchange.book.account(name);
      const mine = fills.filter((fill) => fill.account === name);
      const sum = (of: (fill: (typeof fills)[number]) => bigint) =>
        mine.reduce((total, fill) => total + of(fill), 0n);
      const signed = (fill: (typeof fills)[number]) =>
        fill.side === 'BUY' ? decimal(fill.quantity) : -decimal(fill.quantity);
      const fees = (asset: string) =>
        sum((fill) => (fill.fee_asset === asset ? decimal(fill.fee) : 0n));
      if (market === 'usdm') {
        const profit = sum((fill) => decimal(fill.realized_pnl));
        expect(account.futures.walletBalance).toBe(decimal('9000') + profit - fees('USDT'));
        expect(account.futures.of(symbol).quantity).toBe(sum(signed));
        continue;
      }
      const value = sum((fill) =>
        multiply(
          decimal(fill.price),
          fill.side === 'BUY' ? decimal(fill.quantity) : (-decimal(fill.quantity) as typeof ZERO),
        ),
      );
      const total = (asset: string) => {
        const { free, locked } = account.spot.of(asset);
        expect(free >= 0n && locked >= 0n).toBe(true);
        return free + locked;
      };
      expect(total('USDT')).toBe(decimal('30000') - value - fees('USDT'));
      expect(total('ETH')).toBe(decimal('10') + sum(signed) - fees('ETH'));
    }
  });

  test('a venue restored from the file is the same venue', () => {
    const restored = open(market, new VenueLedger({ file }), () => clock.ms);
    expect(balances(restored)).toEqual(balances(exchange));
    const openOrders = (one: Exchange) =>
      [...one.book.openOrders()].map((order) => [order.orderId, order.filledQuantity]);
    expect(openOrders(restored)).toEqual(openOrders(exchange));
  });
});
