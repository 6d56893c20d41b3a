import { decimal } from '@cerberus/core';
import { BinanceTradingClient, binanceEndpoints } from '@cerberus/venues';
import { expect, test } from '@jest/globals';
import { clock, credentials, startSim, until } from '../sim-fixture.ts';

test('orders meet the book of another venue, which never hears of them; its loss empties the mirror', async () => {
  const real = await startSim({ seed: 11 });
  const paper = await startSim({
    mirror: [
      { market: 'spot', symbols: ['BTCUSDT'], rest: real.spotUrl, ws: real.spotWsUrl },
      { market: 'usdm', symbols: ['ETHUSDT'], rest: real.futuresUrl, ws: real.futuresWsUrl },
    ],
  });
  const client = new BinanceTradingClient({
    market: 'spot',
    endpoints: binanceEndpoints('spot', { rest: paper.spotUrl, ws: paper.spotWsUrl }),
    credentials,
    clock,
  });
  expect(paper.mirrorsLive()).toBe(false);
  await until(() => paper.mirrorsLive(), 'both mirrored books in step');

  const engines = [real, paper].map((sim) => sim.exchanges.spot.engine('BTCUSDT'));
  const [theirs, ours] = engines.map((engine) => engine.marketSide('BUY'));
  // The mirror lags by one depth message, so the same instant is waited for.
  await until(
    () => JSON.stringify(ours?.top(100)) === JSON.stringify(theirs?.top(100)),
    'the same hundred bids at both',
  );

  const before = real.ledger.read().length;
  const placed = await client.place({
    type: 'market',
    symbol: 'BTCUSDT',
    side: 'BUY',
    quantity: decimal('0.01'),
    clientOrderId: 'paper',
  });
  expect(placed.ok && placed.value.outcome).toBe('ok');
  const fills = paper.ledger.read().filter((record) => record.kind === 'fill');
  const bestAsk = (engines[0]?.bestTicks('SELL') ?? 0) / 100;
  expect(fills.length).toBeGreaterThan(0);
  for (const fill of fills) {
    expect(Number(fill.kind === 'fill' && fill.price) / bestAsk).toBeCloseTo(1, 2);
  }
  expect(real.ledger.read().length).toBe(before);

  await real.stop();
  await until(() => engines[1]?.bestTicks('SELL') === undefined, 'an empty book');
  expect(paper.mirrorsLive()).toBe(false);
  client.close();
  await paper.stop();
});
