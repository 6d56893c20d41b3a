import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import type { PlatformProcess } from '../deploy/faults/platform-process.ts';
import { OrderClient, post, type Sent } from './order-client.ts';
import { withPlatform } from './platform.ts';
import { type BenchResult, median, note, printResults, quantile } from './result.ts';

/*
 * From the client's write of an order to its acceptance in the venue's ledger and to the 202, at a
 * steady rate on the whole embedded run, in a process of its own, with a simulated venue without
 * delay. Both ends read the machine's monotonic clock (ns). The floor is measured beside it in the
 * same rounds: the commits that must be durable before the venue may see the order, and two HTTP
 * round trips of a bare route.
 */

/** Below what a venue lets one account do: 10 orders/s on spot, 30 on USD-M. */
const ORDERS_PER_SECOND = 20;
const ROUNDS = 3;
const ORDERS_PER_ROUND = 200;
const WARM_UP_ORDERS = 100;
const FLOOR_SAMPLES = 100;
/** One after the other: the request, and the decision; the intent beside the first step. */
const COMMITS_IN_SEQUENCE = 3;
/** The client's to the gateway, and the emitter's to the venue. */
const ROUND_TRIPS = 2;
const GOAL_P99_MS = 20;

export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-stamps-'));
  const stampFile = join(folder, 'stamps.json');
  const floor = await Floor.open(folder);
  try {
    const environment = {
      CERBERUS_SIMULATOR_LATENCY_MS: '0',
      CERBERUS_BENCH_STAMPS: stampFile,
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'venue-stamps.ts')}`,
    };
    const rounds = await withPlatform(environment, (platform) => measure(platform, floor));
    const stamps = new Map(JSON.parse(readFileSync(stampFile, 'utf8')) as [string, string][]);
    return figures(rounds, stamps, floor.samples);
  } finally {
    await floor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(platform: PlatformProcess, floor: Floor): Promise<Sent[][]> {
  const client = new OrderClient(platform);
  await client.place(WARM_UP_ORDERS, ORDERS_PER_SECOND);
  const rounds: Sent[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    note(`    round ${round + 1} of ${ROUNDS}`);
    await floor.sample(FLOOR_SAMPLES);
    rounds.push(await client.place(ORDERS_PER_ROUND, ORDERS_PER_SECOND));
  }
  // The last order's way to the venue may still be open when its answer is here.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  client.close();
  return rounds;
}

function figures(
  rounds: readonly (readonly Sent[])[],
  stamps: ReadonlyMap<string, string>,
  floorMs: readonly number[],
): BenchResult[] {
  const toVenue = rounds.map((round) =>
    round.map(({ clientOrderId: id, startNs }) => {
      const accepted = stamps.get(id);
      assert(accepted !== undefined, `${id} did not reach the venue`);
      return msBetween(startNs, BigInt(accepted));
    }),
  );
  const toAnswer = rounds.map((round) =>
    round.map(({ startNs, answeredNs }) => msBetween(startNs, answeredNs)),
  );
  const floorP99 = quantile(floorMs, 0.99).toFixed(1);
  const floor = {
    peer: `p50 of ${COMMITS_IN_SEQUENCE} fsynced SQLite commits in sequence and ${ROUND_TRIPS} round trips of a bare fastify route (p99 ${floorP99} ms)`,
    peer_value: median(floorMs),
  };
  return [
    latency('order, REST to acceptance at the venue', toVenue, floor),
    latency('order, REST to the answer 202', toAnswer, floor),
  ];
}

function latency(
  name: string,
  rounds: readonly (readonly number[])[],
  floor: { readonly peer: string; readonly peer_value: number },
): BenchResult {
  const p50 = median(rounds.map((round) => quantile(round, 0.5)));
  const p99 = median(rounds.map((round) => quantile(round, 0.99)));
  return {
    name,
    unit: 'ms',
    value: p99,
    n: rounds.flat().length,
    p50,
    p99,
    ...floor,
    ratio: p50 / floor.peer_value,
    goal: `p99 at most ${GOAL_P99_MS} ms at ${ORDERS_PER_SECOND} orders/s; ratio of the p50`,
    met: p99 <= GOAL_P99_MS,
  };
}

function msBetween(startNs: bigint, endNs: bigint): number {
  return Number(endNs - startNs) / 1e6;
}

/** What the same steps cost without the platform. */
class Floor {
  readonly samples: number[] = [];
  readonly #database: DatabaseSync;
  readonly #server = fastify();
  readonly #agent = new Agent({ keepAlive: true });
  #url = '';

  private constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
    this.#database.exec('CREATE TABLE log (value BLOB)');
  }

  static async open(folder: string): Promise<Floor> {
    const floor = new Floor(join(folder, 'floor.sqlite'));
    floor.#server.post('/', () => ({ ok: true }));
    await floor.#server.listen({ host: '127.0.0.1', port: 0 });
    floor.#url = `http://127.0.0.1:${(floor.#server.server.address() as AddressInfo).port}/`;
    return floor;
  }

  async sample(count: number): Promise<void> {
    const insert = this.#database.prepare('INSERT INTO log VALUES (?)');
    const value = new Uint8Array(1000);
    for (let index = 0; index < count; index += 1) {
      const start = performance.now();
      for (let commit = 0; commit < COMMITS_IN_SEQUENCE; commit += 1) insert.run(value);
      for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
        await post(this.#url, { agent: this.#agent, headers: {}, body: '{}' });
      }
      this.samples.push(performance.now() - start);
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#server.close();
    this.#database.close();
  }
}

if (import.meta.main) await printResults(run);
