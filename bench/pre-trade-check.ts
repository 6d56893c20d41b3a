import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import autocannon from 'autocannon';
import { type BenchResult, median, printResults } from './result.ts';

const ROUNDS = 3;
const SECONDS = 3;
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 20;
const RATIO_GOAL = 0.6;
const FLOOR_RATE = 1000;
const FLOOR_P99_MS = 50;

interface Served {
  readonly gateway: string;
  readonly bare: string;
  readonly key: string;
  readonly body: string;
}

interface Load {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Requests per second of `/pre-trade-check` against a bare fastify route with the same schema and
 * authentication, turn by turn in one process under the same load generator; then its latency at the
 * floor of the service level.
 */
export async function run(): Promise<BenchResult[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'pre-trade-check-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const served = JSON.parse(line) as Served;
    for (const url of [served.bare, served.gateway]) await load(url, served, WARM_UP_SECONDS);
    const own: Load[] = [];
    const peer: Load[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      peer.push(await load(served.bare, served, SECONDS));
      own.push(await load(served.gateway, served, SECONDS));
    }
    const paced: { own: Load; peer: Load }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      paced.push({
        peer: await load(served.bare, served, SECONDS, FLOOR_RATE),
        own: await load(served.gateway, served, SECONDS, FLOOR_RATE),
      });
    }
    return [throughput(own, peer), latency(paced)];
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

async function load(url: string, served: Served, seconds: number, rate?: number): Promise<Load> {
  const result = await autocannon({
    url: `${url}/pre-trade-check`,
    method: 'POST',
    headers: { 'x-api-key': served.key, 'content-type': 'application/json' },
    body: served.body,
    connections: CONNECTIONS,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors under load`);
  }
  return {
    perSecond: result.requests.average,
    requests: result.requests.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

function throughput(own: readonly Load[], peer: readonly Load[]): BenchResult {
  const value = median(own.map(({ perSecond }) => perSecond));
  const peerValue = median(peer.map(({ perSecond }) => perSecond));
  const ratio = value / peerValue;
  return {
    name: 'pre-trade-check throughput',
    unit: 'requests/s',
    value,
    n: own.reduce((sum, { requests }) => sum + requests, 0),
    p50: median(own.map(({ p50 }) => p50)),
    p99: median(own.map(({ p99 }) => p99)),
    peer: 'bare fastify route, same schema and authentication, constant answer',
    peer_value: peerValue,
    ratio,
    goal: `at least ${RATIO_GOAL} of the peer; p50 and p99 in ms with ${CONNECTIONS} connections`,
    met: ratio >= RATIO_GOAL,
  };
}

function latency(rounds: readonly { readonly own: Load; readonly peer: Load }[]): BenchResult {
  const p99 = median(rounds.map(({ own }) => own.p99));
  const peerP99 = median(rounds.map(({ peer }) => peer.p99));
  return {
    name: `pre-trade-check latency at ${FLOOR_RATE} requests/s`,
    unit: 'ms',
    value: p99,
    n: rounds.reduce((sum, { own }) => sum + own.requests, 0),
    p50: median(rounds.map(({ own }) => own.p50)),
    p99,
    peer: 'p99 of the bare route at the same rate; the load generator counts in whole ms',
    peer_value: peerP99,
    // A peer below the generator's resolution counts as one.
    ratio: p99 / Math.max(1, peerP99),
    goal: `p99 below ${FLOOR_P99_MS} ms`,
    met: p99 < FLOOR_P99_MS,
  };
}

if (import.meta.main) await printResults(run);
