import { SystemClock } from '@cerberus/runtime';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paperVenue } from '../../src/up/paper-venue.ts';
import { Recording } from '../../src/up/recorded-venue.ts';
import { Client, marketBuy } from '../end-to-end.ts';
import { SESSIONS, sessionsPresent } from './recorded-sessions.ts';
import { openTestPlatform, partsReady, type TestPlatform } from './test-platform.ts';

/** A market order through the gate, the emitter and the venue; the price it was filled at. */
async function buyOne(running: TestPlatform): Promise<number> {
  const client = new Client(running);
  const placed = await client.post('/orders', marketBuy(), { 'idempotency-key': 'one' });
  expect(placed).toMatchObject({ status: 202 });
  const order = await client.until(
    `/orders/${placed.body['order_id']}`,
    ({ status }) => status !== 'PENDING_NEW' && status !== 'NEW' && status !== 'PARTIALLY_FILLED',
  );
  expect(order).toMatchObject({ status: 'FILLED', filled_quantity: '0.25' });
  return Number(order['average_price']);
}

describe('up --venue binance, a second simulator standing in for Binance', () => {
  let binance: VenueSim;
  let running: TestPlatform;

  beforeAll(async () => {
    binance = await startVenueSim({ clock: new SystemClock(), accounts: [], seed: 21 });
    running = await openTestPlatform(
      { venue: paperVenue },
      {
        'market-data.spot.rest': binance.spotUrl,
        'market-data.spot.ws': binance.spotWsUrl,
        'market-data.usdm.rest': binance.futuresUrl,
        'market-data.usdm.ws': binance.futuresWsUrl,
      },
    );
    await partsReady(running.platform);
  }, 90_000);

  afterAll(async () => {
    await running?.stop();
    await binance?.stop();
  }, 30_000);

  test('orders are filled at the prices of the venue and never reach it', async () => {
    const { config } = running.platform;
    expect(config.execution.spot.rest).not.toBe(binance.spotUrl);
    const price = await buyOne(running);
    const asks = binance.exchanges.spot.engine('BTCUSDT');
    const best = (asks.bestTicks('SELL') ?? 0) / 100;
    expect(Math.abs(price / best - 1)).toBeLessThan(0.005);
    expect(binance.ledger.read()).toEqual([]);
  }, 60_000);
});

(sessionsPresent ? describe : describe.skip)(
  'up --replay (skipped without the shared data directory)',
  () => {
    async function replay(files: readonly string[], speed: number): Promise<TestPlatform> {
      const recording = await Recording.open(files, speed, () => undefined);
      const running = await openTestPlatform({
        tape: recording.tape,
        venue: (host, config) => recording.venue(host, config),
      });
      await partsReady(running.platform, ['market-data', 'pre-trade']);
      recording.begin();
      return running;
    }

    test('orders meet the recorded book, in the time of the recording', async () => {
      const running = await replay([SESSIONS.spot, SESSIONS.usdm], 3);
      try {
        await partsReady(running.platform);
        const price = await buyOne(running);
        // The recorded minutes range from 61650 to 61870.
        expect(price).toBeGreaterThan(61_600);
        expect(price).toBeLessThan(61_900);
        const { items } = (await new Client(running).get('/executions?account_id=demo')) as {
          items: { event_time?: string; executed_at?: string; time?: string }[];
        };
        expect(JSON.stringify(items)).toContain('2024-08-08T23:5');
      } finally {
        await running.stop();
      }
    }, 90_000);
  },
);
