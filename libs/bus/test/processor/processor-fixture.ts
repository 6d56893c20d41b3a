import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bus,
  type BusHost,
  EmbeddedBus,
  type IncomingRecord,
  outgoingRecord,
  type StateSerializer,
} from '@cerberus/bus';
import { decimal, type EpochUs } from '@cerberus/core';
import {
  createLogger,
  createSupervisor,
  createTracing,
  Metrics,
  SeededRng,
  SystemClock,
} from '@cerberus/runtime';
import {
  Codecs,
  type PositionAdjustment,
  registrySource,
  SchemaRegistry,
  TOPICS,
  type TopicName,
  type Trade,
} from '@cerberus/schema';

/** A real bus, registry and host in a folder of their own. */
export class ProcessorFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'cerberus-processor-'));
  readonly registry = new SchemaRegistry({ persist: () => undefined });
  readonly clock = new SystemClock();
  readonly stops: unknown[] = [];
  readonly host: BusHost;
  bus!: EmbeddedBus;
  codecs!: Codecs;

  constructor() {
    const log = createLogger({ name: 'test', level: 'silent', format: 'json' });
    const metrics = new Metrics('test');
    const onStop = (error: unknown) => this.stops.push(error);
    const rng = new SeededRng(1);
    this.host = {
      clock: this.clock,
      log,
      metrics,
      tracing: createTracing({ service: 'test', clock: this.clock, rng }),
      supervisor: createSupervisor({ log, metrics, onStop }),
    };
  }

  async open(): Promise<this> {
    this.codecs = await Codecs.open(registrySource(this.registry));
    this.bus = new EmbeddedBus({
      file: join(this.folder, 'log.sqlite'),
      topics: Object.values(TOPICS),
      clock: this.clock,
    });
    await this.bus.start();
    return this;
  }

  async reopen(): Promise<void> {
    await this.bus.stop();
    await this.open();
  }

  async close(): Promise<void> {
    await this.bus.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async append(messages: readonly PositionAdjustment[], headers: Record<string, string> = {}) {
    const producer = await this.bus.openTransactional('test-writer');
    const records = messages.map((value) =>
      outgoingRecord(this.codecs, { topic: 'position.adjustment', value }, { headers }),
    );
    await producer.commit({ records });
  }

  /** Bytes that are no message, on the partition of an account. */
  async appendBytes(topic: TopicName, account: string, value: Buffer | null): Promise<void> {
    const producer = await this.bus.openTransactional('test-writer');
    await producer.commit({ records: [{ topic, key: account, value }] });
  }
}

export async function readTopic(bus: Bus, topic: string): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  const follower = await bus.follow({
    topics: [topic],
    from: 'beginning',
    onRecord: (record) => records.push(record),
  });
  await follower.caughtUp;
  await follower.stop();
  return records;
}

export function adjustment(id: string, account: string, quantity = '1'): PositionAdjustment {
  return {
    adjustment_id: id,
    account_id: account,
    instrument_id: 'BTCUSDT.BINANCE',
    currency: 'USDT',
    quantity: decimal(quantity),
    price: null,
    reason: 'OPENING',
    note: '',
    time: 1 as EpochUs,
  };
}

export function trade(instrument: string, tradeId = '1', price = 1): Trade {
  return {
    instrument_id: instrument,
    venue: 'BINANCE',
    event_time: 1 as EpochUs,
    receive_time: 1 as EpochUs,
    trade_id: tradeId,
    price,
    quantity: 1,
    aggressor: 'BUY',
  };
}

/** State as text: how many adjustments an account has had. */
export const COUNTER: StateSerializer<number> = {
  encode: (_key, value) => ({ kind: 'count', version: 1, payload: Buffer.from(String(value)) }),
  decode: (_key, entry) => Number(entry.payload.toString()),
};
