import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EmbeddedBus } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { TOPICS } from '@cerberus/schema';
import { type BenchResult, median, printResults, quantile } from './result.ts';

/*
 * A durable commit of the embedded log as a processor makes it: two records and the offset read,
 * one after the other. The peer is SQLite alone with the same bytes, its log synced at each commit.
 */

const ROUNDS = 5;
const COMMITS = 300;
const VALUE_BYTES = 200;
const GOAL_P99_MS = 10;

export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-log-bench-'));
  const bus = new EmbeddedBus({
    file: join(folder, 'log.sqlite'),
    topics: Object.values(TOPICS),
    clock: new SystemClock(),
  });
  await bus.start();
  const bare = bareCommit(join(folder, 'bare.sqlite'));
  try {
    const commit = await logCommit(bus);
    await sample(commit);
    await sample(bare.commit);
    const own: number[][] = [];
    const peer: number[][] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      peer.push(await sample(bare.commit));
      own.push(await sample(commit));
    }
    return [figure(own, peer)];
  } finally {
    bare.close();
    await bus.stop();
    rmSync(folder, { recursive: true });
  }
}

function figure(own: readonly number[][], peer: readonly number[][]): BenchResult {
  const p50 = median(own.map((round) => quantile(round, 0.5)));
  const p99 = median(own.map((round) => quantile(round, 0.99)));
  const peerP50 = median(peer.map((round) => quantile(round, 0.5)));
  return {
    name: 'event log, durable commit of 2 records and an offset',
    unit: 'ms',
    value: p99,
    n: ROUNDS * COMMITS,
    p50,
    p99,
    peer: 'SQLite alone, same bytes, log synced at each commit, p50',
    peer_value: peerP50,
    ratio: p50 / peerP50,
    goal: `p99 at most ${GOAL_P99_MS} ms; ratio of the p50`,
    met: p99 <= GOAL_P99_MS,
  };
}

async function logCommit(bus: EmbeddedBus): Promise<() => Promise<void>> {
  const producer = await bus.openTransactional('bench');
  let offset = 0n;
  return () => {
    offset += 1n;
    const record = { topic: 'order.event', key: `o${offset}`, value: Buffer.alloc(VALUE_BYTES, 1) };
    const read = { topic: 'order.decision', partition: 0, nextOffset: offset };
    const offsets = { groupId: 'bench', offsets: [read] };
    return producer.commit({ records: [record, { ...record, topic: 'fill' }], offsets });
  };
}

function bareCommit(file: string): { commit(): void; close(): void } {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
  database.exec('CREATE TABLE log (value BLOB); CREATE TABLE place (at INTEGER)');
  database.exec('INSERT INTO place VALUES (0)');
  const insert = database.prepare('INSERT INTO log VALUES (?)');
  const update = database.prepare('UPDATE place SET at = at + 1');
  const value = Buffer.alloc(VALUE_BYTES, 1);
  return {
    commit: () => {
      database.exec('BEGIN');
      insert.run(value);
      insert.run(value);
      update.run();
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

async function sample(commit: () => Promise<void> | void): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < COMMITS; index += 1) {
    const start = performance.now();
    await commit();
    tookMs.push(performance.now() - start);
  }
  return tookMs;
}

if (import.meta.main) await printResults(run);
