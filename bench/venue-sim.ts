import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal } from '@cerberus/core';
import { SystemClock } from '@cerberus/runtime';
import { startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import {
  ApiCredentials,
  BinanceRestClient,
  BinanceTradingClient,
  binanceEndpoints,
  type NewVenueOrder,
  RequestBudget,
} from '@cerberus/venues';
import { type BenchResult, median, printResults, quantile } from './result.ts';

/*
 * Order round trips of our trading client against the simulated venue in the same process, with the
 * ledger on file; the peer is `/ping` on the same connection, so the difference is what an order
 * costs beyond HTTP. Also the share of one core that the idle simulator (six symbols) takes.
 */

const ROUNDS = 5;
const CALLS = 400;
const WARM_UP = 200;
const IDLE_MS = 3000;
const GOAL_MS = 1;
const GOAL_IDLE = 0.05;
const ACCOUNT = { apiKey: 'k', secret: 's', account: 'bench' };
const ORDER: NewVenueOrder = {
  type: 'limit',
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: decimal('0.001'),
  price: decimal('20000'),
  timeInForce: 'IOC',
  clientOrderId: undefined,
};

export async function run(): Promise<BenchResult[]> {
  const clock = new SystemClock();
  const folder = mkdtempSync(join(tmpdir(), 'venue-sim-bench-'));
  const sim = await startVenueSim({
    clock,
    accounts: [{ ...ACCOUNT, spot: { USDT: '1000000' }, futures: {} }],
    ledgerFile: join(folder, 'ledger.jsonl'),
    weightLimits: { spot: 1e9, usdm: 1e9 },
  });
  const { ping, place, close } = clientsOf(sim, clock);
  try {
    const idle = await idleShare(clock);
    await sample(ping, WARM_UP);
    await sample(place, WARM_UP);
    const pings: number[][] = [];
    const orders: number[][] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      pings.push(await sample(ping, CALLS));
      orders.push(await sample(place, CALLS));
    }
    return [roundTrip(orders, pings), idle];
  } finally {
    close();
    await sim.stop();
    rmSync(folder, { recursive: true });
  }
}

function clientsOf(sim: VenueSim, clock: SystemClock) {
  const budget = new RequestBudget(clock, { weightPerMinute: 1e9, ordersPer10Seconds: 1e9 });
  const client = new BinanceTradingClient({
    market: 'spot',
    endpoints: binanceEndpoints('spot', { rest: sim.spotUrl, ws: sim.spotWsUrl }),
    credentials: new ApiCredentials(ACCOUNT.apiKey, ACCOUNT.secret),
    clock,
    budget,
  });
  const rest = new BinanceRestClient({ baseUrl: sim.spotUrl, clock, budget });
  const pingCall = { method: 'GET', path: '/api/v3/ping', params: [], security: 'none' } as const;
  const cost = { weight: 1, orders: 0, priority: 'query' } as const;
  return {
    ping: () => rest.send({ ...pingCall, ...cost }),
    place: () => client.place(ORDER),
    close: () => {
      client.close();
      rest.close();
    },
  };
}

async function idleShare(clock: SystemClock): Promise<BenchResult> {
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  await clock.sleep(IDLE_MS);
  const cpu = process.cpuUsage(cpuStart);
  const value = (cpu.user + cpu.system) / 1000 / (performance.now() - start);
  return {
    name: 'simulated venue, idle with six symbols',
    unit: 'cores',
    value,
    n: 1,
    goal: `at most ${GOAL_IDLE} of a core`,
    met: value <= GOAL_IDLE,
  };
}

function roundTrip(orders: readonly number[][], pings: readonly number[][]): BenchResult {
  const p50 = median(orders.map((round) => quantile(round, 0.5)));
  const peer = median(pings.map((round) => quantile(round, 0.5)));
  return {
    name: 'simulated venue, order round trip of our client in the same process',
    unit: 'ms',
    value: p50,
    n: ROUNDS * CALLS,
    p50,
    p99: median(orders.map((round) => quantile(round, 0.99))),
    peer: '/ping on the same connection, p50',
    peer_value: peer,
    ratio: p50 / peer,
    goal: `p50 at most ${GOAL_MS} ms`,
    met: p50 <= GOAL_MS,
  };
}

async function sample(call: () => Promise<unknown>, count: number): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await call();
    tookMs.push(performance.now() - start);
  }
  return tookMs;
}

if (import.meta.main) await printResults(run);
