import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import { startVenueSim } from '@cerberus/service-venue-sim';
import {
  ApiCredentials,
  BinanceRestClient,
  BinanceTradingClient,
  binanceEndpoints,
  type NewVenueOrder,
  RequestBudget,
} from '@cerberus/venues';

/**
 * Order round trips of our trading client against the simulated venue in the same process, with the
 * ledger on file; the peer is `/ping` on the same connection, so the difference is what an order
 * costs beyond HTTP. Also the share of one core that the idle simulator (six symbols) takes.
 */
const ROUNDS = 2000;
const clock = new SystemClock();
const folder = mkdtempSync(join(tmpdir(), 'venue-sim-bench-'));
const account = { apiKey: 'k', secret: 's', account: 'bench' };
const sim = await startVenueSim({
  clock,
  accounts: [{ ...account, spot: { USDT: '1000000' }, futures: {} }],
  ledgerFile: join(folder, 'ledger.jsonl'),
  weightLimits: { spot: 1e9, usdm: 1e9 },
});
const limits = { weightPerMinute: 1e9, ordersPer10Seconds: 1e9 };
const budget = new RequestBudget(clock, limits);
const client = new BinanceTradingClient({
  market: 'spot',
  endpoints: binanceEndpoints('spot', { rest: sim.spotUrl, ws: sim.spotWsUrl }),
  credentials: new ApiCredentials(account.apiKey, account.secret),
  clock,
  budget,
});
const rest = new BinanceRestClient({ baseUrl: sim.spotUrl, clock, budget });
const order: NewVenueOrder = {
  type: 'limit',
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: decimal('0.001'),
  price: decimal('20000'),
  timeInForce: 'IOC',
  clientOrderId: undefined,
};

const cpuStart = process.cpuUsage();
const idleStart = performance.now();
await clock.sleep(3000);
const cpu = process.cpuUsage(cpuStart);
const idleShare = (cpu.user + cpu.system) / 1000 / (performance.now() - idleStart);

const pings = await measure(() =>
  rest.send({
    method: 'GET',
    path: '/api/v3/ping',
    params: [],
    security: 'none',
    weight: 1,
    orders: 0,
    priority: 'query',
  }),
);
const orders = await measure(() => client.place(order));
process.stdout.write(
  `${JSON.stringify({
    bench: 'venue-sim',
    rounds: ROUNDS,
    order_p50_ms: quantile(orders, 0.5),
    order_p99_ms: quantile(orders, 0.99),
    peer_ping_p50_ms: quantile(pings, 0.5),
    peer_ping_p99_ms: quantile(pings, 0.99),
    ledger_records: sim.ledger.length,
    idle_core_share: Math.round(idleShare * 1000) / 1000,
  })}\n`,
);
client.close();
rest.close();
await sim.stop();
rmSync(folder, { recursive: true });

async function measure(run: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < ROUNDS + 200; i += 1) {
    const start = performance.now();
    await run();
    // The first rounds warm the code up.
    if (i >= 200) samples.push(performance.now() - start);
  }
  return samples.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return Math.round(value * 1000) / 1000;
}
