import type { AddressInfo } from 'node:net';
import { decimal, type EpochUs } from '@cerberus/core';
import type { Instrument, ScenarioVector } from '@cerberus/schema';
import { installAuthentication, KeyRing, ORDER_BODY_LIMIT_BYTES } from '@cerberus/web';
import { fastify } from 'fastify';
import { CHECK_ANSWER_SCHEMA } from '../services/gateway/src/document/decision-document.ts';
import { CHECK_INPUT_SCHEMA } from '../services/gateway/src/route/check-routes.ts';
import { KeyStore } from '../services/gateway/src/store/key-store.ts';
import {
  ACCOUNT,
  openMarket,
  openWorld,
  quote,
  spot,
  type World,
} from '../services/gateway/test/gateway-fixture.ts';

/*
 * The process under load: a whole gateway over a book of an account with options, and beside it a
 * bare fastify route with the same body and answer schema, the same authentication and the gateway's
 * own answer as a constant. Prints both addresses and the key, then serves until its input ends.
 */

const OPTIONS = 40;
const SCENARIOS = 500;

const world = await openWorld();
await openMarket(world);
await fillBook(world);
const gateway = await world.gateway();
await world.stream('md.quote', { ...quote(world.nowUs()), quality: 'OK' });
const key = gateway.firstKey?.text ?? '';
const body = JSON.stringify({
  order: {
    account_id: ACCOUNT,
    symbol: 'BTCUSDT',
    side: 'BUY',
    quantity: '0.5',
    order_type: 'LIMIT',
    limit_price: '60000.00',
  },
});
const answer = await firstPass();

const bare = fastify({ ajv: { customOptions: { allowUnionTypes: true } } });
const keys = new KeyRing({
  source: new KeyStore(world.store, world.host.clock),
  clock: world.host.clock,
});
installAuthentication(bare, keys, () => undefined);
bare.post(
  '/pre-trade-check',
  {
    bodyLimit: ORDER_BODY_LIMIT_BYTES,
    schema: { body: CHECK_INPUT_SCHEMA, response: { 200: CHECK_ANSWER_SCHEMA } },
  },
  () => answer,
);
await bare.listen({ host: '127.0.0.1', port: 0 });
const barePort = (bare.server.address() as AddressInfo).port;
process.stdout.write(
  `${JSON.stringify({ gateway: gateway.url, bare: `http://127.0.0.1:${barePort}`, key, body })}\n`,
);
// Quotes go on, so that the price does not get stale under load.
const quoting = setInterval(() => void world.stream('md.quote', quote(world.nowUs())), 100);
process.stdin.resume();
process.stdin.on('end', () => {
  void (async () => {
    clearInterval(quoting);
    await bare.close();
    await gateway.stop();
    await world.close();
    process.exit(0);
  })();
});

async function firstPass(): Promise<object> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await fetch(`${gateway.url}/pre-trade-check`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body,
    });
    const document = (await response.json()) as { passed?: boolean; risk_impact?: object };
    if (response.status === 200 && document.passed === true) return document;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the order of the benchmark does not pass the gate');
}

/** Positions in options with a scenario vector each, so that the risk impact is a real one. */
async function fillBook(target: World): Promise<void> {
  await target.stream('risk.scenarios', vector(target, 'BTCUSDT.BINANCE', 1));
  for (let index = 0; index < OPTIONS; index += 1) {
    const strike = 40_000 + index * 1000;
    const option: Instrument = {
      ...spot(),
      instrument_id: `BTC-20301227-${strike}-C.OTC`,
      symbol: `BTC-20301227-${strike}-C`,
      venue: 'OTC',
      kind: 'OPTION',
      option_type: 'CALL',
      strike: decimal(strike),
      expiration: (Date.UTC(2030, 11, 27, 8) * 1000) as EpochUs,
      style: 'EUROPEAN',
    };
    await target.ledger('ref.instrument', option);
    await target.ledger('position', {
      position_id: `${ACCOUNT}|${option.instrument_id}`,
      account_id: ACCOUNT,
      instrument_id: option.instrument_id,
      quantity: decimal(index % 2 === 0 ? '1.5' : '-1'),
      average_price: decimal('5000'),
      realized_pnl: decimal('0'),
      fees: decimal('0'),
      currency: 'USDT',
      updated_at: target.nowUs(),
      revision: 1,
    });
    await target.stream('risk.scenarios', vector(target, option.instrument_id, 0.5));
  }
}

function vector(target: World, instrumentId: string, delta: number): ScenarioVector {
  const moves = Array.from(
    { length: SCENARIOS },
    (_each, i) => 60_000 * 0.04 * Math.sin(i * 12.9898),
  );
  return {
    instrument_id: instrumentId,
    underlying: 'BTC',
    as_of: target.nowUs(),
    scenario_set_id: 'bench',
    unit_pnl: moves.map((move) => move * delta + 1e-5 * move * move),
    unit_value: 60_000 * delta,
    unit_delta: delta,
    unit_gamma: 1e-5,
    unit_vega: 10,
    unit_theta: -5,
    quality: 'OK',
  };
}
