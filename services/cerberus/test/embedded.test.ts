import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PlatformProcess } from '../../../deploy/faults/platform-process.ts';
import { Client, followsAnOrderEndToEnd, refusesBadOrders } from './end-to-end.ts';

// `cerberus up` as its own process, as `npm start` runs it: simulated venue, PostgreSQL, every service.
let folder: string;
let platform: PlatformProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cerberus-e2e-'));
  chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
  platform = new PlatformProcess({
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'platform.log'),
    port: await freePort(),
    seed: 7,
  });
  platform.start();
  await platform.ready();
}, 120_000);

afterAll(async () => {
  await platform?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const running = () => ({ url: platform.url, apiKey: platform.apiKey() });

describe('the embedded run', () => {
  test('an order goes from REST to TCA under one trace id', () => {
    return followsAnOrderEndToEnd(running());
  }, 60_000);

  test('bad orders are refused with code and field', () => refusesBadOrders(running()), 60_000);

  test('a second instance on the same data is refused, naming the folder', async () => {
    const logFile = join(folder, 'second.log');
    const second = new PlatformProcess({
      ...{ dataDir: join(folder, 'data'), port: await freePort(), seed: 7, logFile },
    });
    second.start();
    await expect(second.ready()).rejects.toThrow('ended while starting');
  }, 60_000);

  test('killed outright, it starts again with its orders and positions', async () => {
    const client = new Client(running());
    const orders = await client.get('/orders?limit=100');
    const held = await client.quantity('demo', 'BTCUSDT');
    await platform.kill('SIGKILL');
    platform.start();
    await platform.ready();
    const ids = (answer: Record<string, unknown>) =>
      (answer['items'] as { order_id: string }[]).map(({ order_id }) => order_id).sort();
    expect(ids(await client.get('/orders?limit=100'))).toEqual(ids(orders));
    expect(await client.quantity('demo', 'BTCUSDT')).toBe(held);
  }, 120_000);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
