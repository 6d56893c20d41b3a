import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { decimal } from '@cerberus/core';
import { BinanceTradingClient, binanceEndpoints } from '@cerberus/venues';
import { expect, test } from '@jest/globals';
import { clock, credentials, startSim, until } from '../sim-fixture.ts';

const root =
  process.env['CERBERUS_SHARED_DIR'] ?? resolve(import.meta.dirname, '../../../../../shared');
const file = resolve(root, 'data/ticks/binance_spot_btcusdt_2024-08-08_2354utc.txt.gz');

(existsSync(file) ? test : test.skip)(
  'a recorded session plays at full speed and its trades fill a resting order (skipped without the shared data directory)',
  async () => {
    const sim = await startSim({
      replay: [{ market: 'spot', symbol: 'BTCUSDT', file, speed: 'max' }],
    });
    const client = new BinanceTradingClient({
      market: 'spot',
      endpoints: binanceEndpoints('spot', { rest: sim.spotUrl, ws: sim.spotWsUrl }),
      credentials,
      clock,
    });
    const engine = sim.exchanges.spot.engine('BTCUSDT');
    await until(() => (engine.bestTicks('BUY') ?? 0) > 6_100_000, 'the recorded book');
    // The recording falls from 61837 to below 61700 within these minutes.
    const placed = await client.place({
      type: 'limit',
      symbol: 'BTCUSDT',
      side: 'BUY',
      quantity: decimal('0.01'),
      price: decimal('61720'),
      timeInForce: 'GTC',
      clientOrderId: 'replayed',
    });
    expect(placed.ok && placed.value.outcome).toBe('ok');
    const fills = () =>
      sim.ledger
        .read()
        .flatMap((record) =>
          record.kind === 'fill' && record.client_order_id === 'replayed' ? [record] : [],
        );
    await until(() => fills().length > 0, 'a fill by the recording');
    expect(fills()[0]).toMatchObject({ maker: true, price: '61720', side: 'BUY' });
    client.close();
    await sim.stop();
  },
);
