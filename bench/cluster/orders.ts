import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { LIMITS_ERRORS } from '@cerberus/limits';
import type { NumberedRecord } from '@cerberus/service-venue-sim';
import type { Cluster } from '../../deploy/faults/cluster-process.ts';
import { memoryOfProcess } from '../memory.ts';
import { OrderClient, type Sent } from '../order-client.ts';
import { type BenchResult, median, note, printResults, quantile } from '../result.ts';
import { RawTransactions } from './raw-transactions.ts';
import { withCluster } from './with-cluster.ts';

/*
 * From the client's write of an order to its acceptance in the venue's ledger (wall clock, ms) and to
 * the 202, through gateway, Kafka, gate, Kafka, emitter, PostgreSQL and the simulated venue without
 * delay, each a process of its own; then as many orders as many clients get through. The floor is
 * measured beside it in the same run: what the transactions in sequence cost a bare client of Kafka.
 */

const ORDERS_PER_SECOND = 20;
/** A minute: until then the broker's own code and that of a dozen processes is still being compiled. */
const WARM_UP_ORDERS = 1200;
const ROUNDS = 3;
const ORDERS_PER_ROUND = 200;
const GOAL_P99_MS = 100;
/** One after the other: the request, the decision, and the emitter's first step. */
const TRANSACTIONS_IN_SEQUENCE = 3;
const RAW_TRANSACTIONS = 200;
const CLIENTS = 64;
/** The same code as at a steady rate, but in batches: compiled anew, in the first minute. */
const FLOOD_MS = 60_000;
/** A client that is told to try later does so after a while. */
const TRY_LATER_MS = 100;
const GOAL_ORDERS_PER_SECOND = 300;
const UNLIMITED = 1_000_000;

export function run(): Promise<BenchResult[]> {
  const settings = {
    // What one account may send is the venue's to say; here it is no limit of the platform.
    'venue-sim': { latencyMs: 0, weightLimits: { spot: UNLIMITED, usdm: UNLIMITED } },
    execution: {
      spot: { weightPerMinute: UNLIMITED, ordersPer10Seconds: UNLIMITED },
      usdm: { weightPerMinute: UNLIMITED, ordersPer10Seconds: UNLIMITED },
    },
    gateway: { requestsPerSecond: 5000, requestBurst: 10_000 },
    // The limits as shipped but for the rate, which is what is measured.
    'pre-trade': { limits: LIMITS },
  };
  return withCluster({ scale: '', settings }, async (cluster) => {
    const raw = await RawTransactions.open(cluster.brokers);
    const client = new OrderClient(cluster);
    await client.place(WARM_UP_ORDERS, ORDERS_PER_SECOND);
    const rounds: Sent[][] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      note(`    round ${round + 1} of ${ROUNDS}`);
      floor.push(...(await raw.commit(RAW_TRANSACTIONS)));
      rounds.push(await client.place(ORDERS_PER_ROUND, ORDERS_PER_SECOND));
    }
    await settled();
    const latency = latencies(rounds, acceptedAt(cluster), floor);
    note('    as many orders as go');
    const flood = [
      await sustained(client, cluster, 'first'),
      await sustained(client, cluster, 'second'),
    ];
    client.close();
    await raw.close();
    return [...latency, transactions(floor), ...flood, ...memory(cluster)];
  });
}

function latencies(
  rounds: readonly (readonly Sent[])[],
  accepted: ReadonlyMap<string, number>,
  floor: readonly number[],
): BenchResult[] {
  const toVenue = rounds.map((round) =>
    round.flatMap(({ clientOrderId, startMs }) => {
      const atMs = accepted.get(clientOrderId);
      return atMs === undefined ? [] : [atMs - startMs];
    }),
  );
  const toAnswer = rounds.map((round) =>
    round.map(({ startNs, answeredNs }) => Number(answeredNs - startNs) / 1e6),
  );
  const peer = {
    peer: `p50 of ${TRANSACTIONS_IN_SEQUENCE} transactions in sequence of a bare kafkajs producer`,
    peer_value: TRANSACTIONS_IN_SEQUENCE * median(floor),
  };
  return [
    latency('order, REST to acceptance at the venue, across processes', toVenue, peer),
    latency('order, REST to the answer 202, across processes', toAnswer, peer),
  ];
}

function latency(
  name: string,
  rounds: readonly (readonly number[])[],
  peer: { readonly peer: string; readonly peer_value: number },
): BenchResult {
  const p50 = median(rounds.map((round) => quantile(round, 0.5)));
  const p99 = median(rounds.map((round) => quantile(round, 0.99)));
  return {
    ...{ name, unit: 'ms', value: p99, n: rounds.flat().length, p50, p99, ...peer },
    ratio: p50 / peer.peer_value,
    goal: `p99 at most ${GOAL_P99_MS} ms at ${ORDERS_PER_SECOND} orders/s; ratio of the p50`,
    met: p99 <= GOAL_P99_MS,
  };
}

function transactions(samples: readonly number[]): BenchResult {
  const p99 = quantile(samples, 0.99);
  return {
    ...{ name: 'Kafka transaction of one record and an offset, bare client', unit: 'ms' },
    ...{ value: median(samples), n: samples.length, p50: median(samples), p99 },
    goal: 'the floor that the order path is compared with',
    met: true,
  };
}

/**
 * Clients that each wait for their answer before the next order; counted where the venue accepted. The
 * second minute follows the first at once: it is what goes on for as long as it is asked for.
 */
async function sustained(
  client: OrderClient,
  cluster: Cluster,
  minute: 'first' | 'second',
): Promise<BenchResult> {
  const before = acceptedAt(cluster).size;
  const startMs = performance.now();
  const { answered, refused } = await flood(client, FLOOD_MS);
  const tookS = (performance.now() - startMs) / 1000;
  note(`    ${answered} answered 202, ${refused} told to try later`);
  // What was answered and waits for its way to the venue is no order that has been got through.
  const accepted = acceptedAt(cluster).size - before;
  const value = accepted / tookS;
  const isGoal = minute === 'second';
  return {
    name: `orders accepted at the venue per second, ${CLIENTS} clients, ${minute} minute`,
    ...{ unit: 'orders/s', value, n: accepted },
    ...{ peer: 'orders answered 202 per second', peer_value: answered / tookS },
    ratio: accepted / answered,
    goal: isGoal
      ? `at least ${GOAL_ORDERS_PER_SECOND} orders/s on the cores that also run the infrastructure`
      : 'what goes while code is still being compiled',
    met: !isGoal || value >= GOAL_ORDERS_PER_SECOND,
  };
}

interface Flooded {
  readonly answered: number;
  /** Told to try later: the platform's own bound on what it takes on. */
  readonly refused: number;
}

async function flood(client: OrderClient, forMs: number): Promise<Flooded> {
  const startMs = performance.now();
  let answered = 0;
  let refused = 0;
  const one = async () => {
    while (performance.now() - startMs < forMs) {
      const { status, text } = await client.attempt();
      if (status === 202) {
        answered += 1;
        continue;
      }
      assert.ok(status === 503 || status === 429 || isBacklog(text), `${status}: ${text}`);
      refused += 1;
      await pause(TRY_LATER_MS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
  return { answered, refused };
}

/** The gate blocks what the emitter would not keep up with. */
function isBacklog(text: string): boolean {
  const { decision } = JSON.parse(text) as { decision?: { blocks: { code: string }[] } };
  const blocks = decision?.blocks ?? [];
  return blocks.length > 0 && blocks.every(({ code }) => code === LIMITS_ERRORS.UNSENT_ORDERS.code);
}

function acceptedAt(cluster: Cluster): ReadonlyMap<string, number> {
  const lines = readFileSync(cluster.venueLedger, 'utf8').split('\n');
  return new Map(
    lines
      .filter((line) => line.includes('"accept"'))
      .flatMap((line) => JSON.parse(line) as NumberedRecord[])
      .flatMap((record) =>
        record.kind === 'accept' ? [[record.client_order_id, record.time_ms] as const] : [],
      ),
  );
}

function memory(cluster: Cluster): BenchResult[] {
  return cluster.instances.flatMap(({ name }) => {
    const pid = cluster.pidOf(name);
    if (pid === undefined) return [];
    const { pss, rss } = memoryOfProcess(pid);
    return {
      ...{ name: `memory of ${name} after the orders, PSS`, unit: 'MiB', value: pss, n: 1 },
      ...{ peer: 'RSS of the same process', peer_value: rss, ratio: pss / rss },
      ...{ goal: 'at most 400 MiB', met: pss <= 400 },
    };
  });
}

/** The last order's way to the venue may still be open when its answer is here. */
function settled(): Promise<void> {
  return pause(3000);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const firm = { scope: 'FIRM', scopeId: '*' };
const LIMITS = [
  { type: 'order_size', ...firm, unit: 'quantity', soft: '5000', hard: '10000' },
  { type: 'notional', ...firm, unit: 'USD', soft: '500000', hard: '1000000' },
  { type: 'price_collar', ...firm, unit: 'bps', soft: '200', hard: '500' },
  { type: 'position', ...firm, unit: 'USD', soft: '4000000', hard: '5000000' },
  { type: 'var_99_1d', ...firm, unit: 'USD', soft: '100000' },
  { type: 'fat_finger', ...firm, unit: 'multiple', soft: '1000', hard: '10000' },
  { type: 'duplicate_order', ...firm, unit: 'ms', soft: '500' },
  { type: 'order_rate', ...firm, unit: 'orders/s', soft: '5000', hard: '10000' },
];

if (import.meta.main) await printResults(run);
