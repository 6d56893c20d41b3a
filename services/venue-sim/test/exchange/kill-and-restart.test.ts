import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decimal, formatDecimal } from '@cerberus/core';
import {
  ApiCredentials,
  BinanceTradingClient,
  binanceEndpoints,
  type VenueAnswer,
} from '@cerberus/venues';
import { afterAll, expect, test } from '@jest/globals';
import { clock } from '../sim-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'venue-sim-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

function value<T>(answer: VenueAnswer<T>): T {
  if (answer.outcome !== 'ok') throw new Error(JSON.stringify(answer));
  return answer.value;
}

test('the venue survives kill -9 with its orders, fills and balances', async () => {
  const [spotPort, futuresPort, healthPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
  ]);
  const main = resolve(import.meta.dirname, '../../src/main.ts');
  const client = new BinanceTradingClient({
    market: 'spot',
    endpoints: binanceEndpoints('spot', {
      rest: `http://127.0.0.1:${spotPort}`,
      ws: `ws://127.0.0.1:${spotPort}`,
    }),
    credentials: new ApiCredentials('simulated-key', 'simulated-secret'),
    clock,
  });
  const start = async () => {
    const child = spawn(process.execPath, [main], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        CERBERUS_HOST_DATA_DIR: folder,
        CERBERUS_HOST_LOG_LEVEL: 'error',
        CERBERUS_HOST_PORT: String(healthPort),
        CERBERUS_VENUE_SIM_SPOT_PORT: String(spotPort),
        CERBERUS_VENUE_SIM_FUTURES_PORT: String(futuresPort),
      },
    });
    children.push(child);
    for (let i = 0; i < 200; i += 1) {
      if ((await client.syncTime()).outcome === 'ok') return child;
      await clock.sleep(50);
    }
    throw new Error('the venue does not answer');
  };

  const first = await start();
  const bought = await client.place({
    type: 'market',
    symbol: 'BTCUSDT',
    side: 'BUY',
    quantity: decimal('0.1'),
    clientOrderId: 'bought',
  });
  const rested = await client.place({
    type: 'limit',
    symbol: 'BTCUSDT',
    side: 'BUY',
    quantity: decimal('0.25'),
    price: decimal('20000'),
    timeInForce: 'GTC',
    clientOrderId: 'rested',
  });
  if (!bought.ok || !rested.ok) throw new Error('not placed');
  const order = value(bought.value);
  const before = value(await client.account());
  first.kill('SIGKILL');
  await new Promise((done) => first.once('exit', done));
  // What a crash in the middle of a write would leave: it is cut off, the rest stands.
  appendFileSync(ledgerPath(), '[{"seq":99,"kind":"acc');

  await start();
  expect(value(await client.account()).balances).toEqual(before.balances);
  const open = value(await client.openOrders('BTCUSDT'));
  expect(open.map((one) => [one.clientOrderId, formatDecimal(one.quantity)])).toEqual([
    ['rested', '0.25'],
  ]);
  const found = value(await client.query({ symbol: 'BTCUSDT', clientOrderId: 'bought' }));
  expect(found).toMatchObject({ status: 'FILLED', venueOrderId: order.venueOrderId });
  expect(value(await client.myTrades({ symbol: 'BTCUSDT' }))).toHaveLength(order.fills.length);
  const cancelled = value(await client.cancel({ symbol: 'BTCUSDT', clientOrderId: 'rested' }));
  expect(cancelled.status).toBe('CANCELED');
  const after = value(await client.account());
  expect(after.balances.every((balance) => balance.locked === 0n)).toBe(true);
  client.close();
}, 60_000);

function ledgerPath(): string {
  return join(folder, 'services', 'venue-sim', 'main', 'venue-sim', 'ledger.jsonl');
}
