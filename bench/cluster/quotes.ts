import { KafkaBus, outgoingRecord, RegistryClient, type StreamProducer } from '@cerberus/bus';
import { unwrap } from '@cerberus/core';
import { SeededRng, SystemClock, UuidV7Source } from '@cerberus/runtime';
import { Codecs, TOPICS } from '@cerberus/schema';
import type { Cluster } from '../../deploy/faults/cluster-process.ts';
import { type BenchResult, note, printResults, quantile } from '../result.ts';
import { RawRoundTrip } from './raw-round-trip.ts';
import { withCluster } from './with-cluster.ts';

/*
 * 10,000 quotes a second on the bus of a running cluster, until the Greeks of a book of 200 options
 * that follow from a quote are read by another process: two passes through Kafka and a revaluation.
 * Every hundredth quote is of the book's underlying; each has a price of its own, by which its Greeks
 * are known, and none is conflated away by a pause (greeksEveryMs 0). The peer sends and reads records
 * of the same size at the same rate through the same broker with bare kafkajs: one pass.
 */

const QUOTES_PER_SECOND = 10_000;
const TICK_MS = 5;
const INSTRUMENTS = 100;
const SECONDS = 20;
/**
 * A minute, of the peer too: until then the broker's compiler alone takes half a core, and what is
 * measured is for how long it has run.
 */
const WARM_UP_S = 60;
const OPTIONS = 200;
const SPOT = 54_000;
const GOAL_RATIO = 3;
const BTC = 'BTCUSDT.BINANCE';
const EXPIRY = '20271231';

export function run(): Promise<BenchResult[]> {
  const book = Array.from({ length: OPTIONS }, (_each, index) => {
    const strike = 30_000 + 250 * index;
    const side = index % 2 === 0 ? 'C' : 'P';
    return `demo,option,BTC-${EXPIRY}-${strike}-${side},1,2000,USDT,OTC,0.6,1`;
  });
  const settings = { 'risk-engine': { greeksEveryMs: 0 } };
  // Its own feed is silent: the quotes are those of the bench.
  return withCluster({ scale: '', settings, book }, async (cluster) => {
    await cluster.scale('market-data=0');
    note('    bare kafkajs at the same rate');
    const raw = await RawRoundTrip.measure(cluster.brokers, {
      ...{ perSecond: QUOTES_PER_SECOND, seconds: SECONDS, warmUpS: WARM_UP_S, tickMs: TICK_MS },
      partitions: TOPICS['md.quote'].partitions,
    });
    note('    quotes to Greeks');
    const own = await measure(cluster);
    const p99 = quantile(own.delaysMs, 0.99);
    const peer = { p50: quantile(raw, 0.5), p99: quantile(raw, 0.99) };
    const result = (share: 'p50' | 'p99', value: number): BenchResult => ({
      name: `${QUOTES_PER_SECOND} quotes/s: tick to Greeks of ${OPTIONS} options read elsewhere, ${share}`,
      ...{ unit: 'ms', value, n: own.delaysMs.length },
      ...{ p50: quantile(own.delaysMs, 0.5), p99 },
      peer: `${share} of one pass of bare kafkajs at the same rate, ${raw.length} samples`,
      peer_value: peer[share],
      ratio: value / peer[share],
      goal: `at most ${GOAL_RATIO} × the peer; ${own.sent} ticks of the underlying sent`,
      met: value <= GOAL_RATIO * peer[share],
    });
    return [result('p50', quantile(own.delaysMs, 0.5)), result('p99', p99)];
  });
}

interface Measured {
  readonly delaysMs: number[];
  readonly sent: number;
}

async function measure(cluster: Cluster): Promise<Measured> {
  const clock = new SystemClock();
  const bus = new KafkaBus({
    ...{ brokers: cluster.brokers, clientId: 'bench', topics: Object.values(TOPICS), clock },
    ids: new UuidV7Source(clock, new SeededRng('bench')),
  });
  await bus.start();
  const codecs = await Codecs.open(new RegistryClient(cluster.registryUrl));
  const sentAt = new Map<number, number>();
  const delaysMs: number[] = [];
  let sent = 0;
  const follower = await bus.follow({
    topics: ['risk.greeks'],
    from: 'end',
    onRecord: ({ value }) => {
      if (value === null) return;
      const report = unwrap(codecs.decode('risk.greeks', value));
      if (report.underlying !== 'BTC' || report.account_id !== 'demo') return;
      const at = sentAt.get(report.spot_price ?? 0);
      if (at !== undefined) delaysMs.push(performance.now() - at);
      sentAt.delete(report.spot_price ?? 0);
    },
  });
  const producer = bus.streamProducer();
  let sequence = 0;
  const feed = new Feed(codecs, producer, clock);
  const startMs = performance.now();
  const endMs = startMs + (WARM_UP_S + SECONDS) * 1000;
  for (let now = startMs; now < endMs; now = performance.now()) {
    const due = ((now - startMs) * QUOTES_PER_SECOND) / 1000;
    for (; sequence < due; sequence += 1) {
      const isBook = sequence % INSTRUMENTS === 0;
      // Exact in binary, so that the middle of bid and ask is this number again.
      const mid = SPOT + (sequence % 2 ** 20) / 1024;
      if (isBook && now - startMs > WARM_UP_S * 1000) {
        sentAt.set(mid, performance.now());
        sent += 1;
      }
      await feed.send(isBook ? BTC : `X${sequence % INSTRUMENTS}USDT.BINANCE`, mid, sequence);
    }
    await clock.sleep(TICK_MS);
  }
  await clock.sleep(1000);
  await follower.stop();
  await bus.stop();
  return { delaysMs, sent };
}

class Feed {
  readonly #codecs: Codecs;
  readonly #producer: StreamProducer;
  readonly #clock: SystemClock;

  constructor(codecs: Codecs, producer: StreamProducer, clock: SystemClock) {
    this.#codecs = codecs;
    this.#producer = producer;
    this.#clock = clock;
  }

  send(instrument: string, mid: number, sequence: number): Promise<void> | undefined {
    const now = this.#clock.nowUs();
    const value = {
      ...{ instrument_id: instrument, venue: 'BINANCE', event_time: now, receive_time: now },
      ...{ sequence, bid_price: mid - 0.25, bid_quantity: 1, ask_price: mid + 0.25 },
      ...{ ask_quantity: 1, quality: 'OK' as const },
    };
    return this.#producer.send(outgoingRecord(this.#codecs, { topic: 'md.quote', value }));
  }
}

if (import.meta.main) await printResults(run);
