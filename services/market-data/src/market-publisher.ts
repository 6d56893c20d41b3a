import { outgoingRecord, type StreamProducer } from '@cerberus/bus';
import type { CounterMetric, HostContext } from '@cerberus/runtime';
import type { Codecs, MessageByTopic, Quote, TopicName } from '@cerberus/schema';

/** Records that may wait for a slow log before the feed is held to be too fast for it. */
const WAITING_MAX = 100_000;

/**
 * Sends market events. The bus conflates quotes when it falls behind; trades, books and bars are
 * never dropped: they wait here in order, and the feed goes untrusted when too many do.
 */
export class MarketPublisher {
  readonly #producer: StreamProducer;
  readonly #codecs: Codecs;
  readonly #published: CounterMetric;
  readonly #supervisor: HostContext['supervisor'];
  /** Told of every quote. */
  onQuote: ((quote: Quote) => void) | undefined;
  #waiting: (() => Promise<void> | undefined)[] = [];
  #draining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(host: HostContext, producer: StreamProducer, codecs: Codecs) {
    this.#producer = producer;
    this.#codecs = codecs;
    this.#supervisor = host.supervisor;
    this.#published = host.metrics.counter('market_events_total', 'Market events published', [
      'topic',
    ]);
    host.metrics.gaugeOf('market_events_waiting', 'Events waiting for the log', () => {
      return this.#waiting.length;
    });
  }

  get overloaded(): boolean {
    return this.#waiting.length > WAITING_MAX;
  }

  publish<T extends TopicName>(topic: T, value: MessageByTopic[T]): void {
    const record = outgoingRecord(this.#codecs, { topic, value });
    this.#published.inc({ topic });
    if (topic === 'md.quote') this.onQuote?.(value as Quote);
    if (this.#draining) {
      this.#waiting.push(() => this.#producer.send(record));
      return;
    }
    const wait = this.#producer.send(record);
    if (wait === undefined) return;
    this.#drained = this.#drain(wait);
    this.#supervisor.watch('market publisher', this.#drained);
  }

  /** Resolves when nothing waits for the log: how a source that can wait is held back. */
  settled(): Promise<void> {
    return this.#drained;
  }

  async #drain(first: Promise<void>): Promise<void> {
    this.#draining = true;
    await first;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const send of batch) await send();
    }
    this.#draining = false;
  }
}
