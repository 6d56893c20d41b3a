import { outgoingRecord, type StreamProducer } from '@cerberus/bus';
import type { CounterMetric, HostContext } from '@cerberus/runtime';
import type { Bar, Codecs, MessageByTopic, Quote } from '@cerberus/schema';
import { NOTHING_TOLD, type ToldMark, type Withheld, WithheldEvents } from './withheld-events.ts';

/** Records that may wait for a slow log before the feed is held to be too fast for it. */
const WAITING_MAX = 100_000;

export type MarketTopic =
  | 'md.quote'
  | 'md.trade'
  | 'md.book'
  | 'md.bar'
  | 'md.mark'
  | 'md.status'
  | 'md.anomaly';

/** Which instruments this instance publishes; it is connected to all of them. */
export interface Publishing {
  owns(instrumentId: string): boolean;
  /** How far the log tells of instruments that another instance published until now. */
  endOfLog(instruments: ReadonlySet<string>): Promise<ReadonlyMap<string, ToldMark>>;
}

const EVERYTHING: Publishing = {
  owns: () => true,
  endOfLog: () => Promise.resolve(new Map()),
};

/**
 * Sends market events of the instruments that are this instance's. The bus conflates quotes when it
 * falls behind; trades, books and bars are never dropped: they wait here in order, and the feed goes
 * untrusted when too many do.
 */
export class MarketPublisher {
  readonly #producer: StreamProducer;
  readonly #codecs: Codecs;
  readonly #published: CounterMetric;
  readonly #host: HostContext;
  readonly #publishing: Publishing;
  readonly #withheld: WithheldEvents;
  /** Taken over, while it is found out how far the log tells. */
  readonly #joining = new Set<string>();
  /** Told of every quote that this instance publishes. */
  onQuote: ((quote: Quote) => void) | undefined;
  #waiting: (() => Promise<void> | undefined)[] = [];
  #draining = false;
  #drained: Promise<void> = Promise.resolve();

  constructor(
    host: HostContext,
    producer: StreamProducer,
    codecs: Codecs,
    publishing: Publishing = EVERYTHING,
  ) {
    this.#host = host;
    this.#producer = producer;
    this.#codecs = codecs;
    this.#publishing = publishing;
    this.#withheld = new WithheldEvents(host.clock);
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

  publish<T extends MarketTopic>(topic: T, value: MessageByTopic[T]): void {
    const { instrument_id: id } = value;
    if (!this.#publishing.owns(id)) this.#withhold(topic, value);
    else if (!this.#joining.has(id) || !this.#withhold(topic, value)) this.#send(topic, value);
  }

  /** Goes on with trades and bars where the log ends; whatever comes meanwhile follows in order. */
  async takeOver(instruments: readonly string[]): Promise<void> {
    for (const id of instruments) this.#joining.add(id);
    const told = await this.#endOfLog(new Set(instruments));
    for (const id of instruments) {
      this.#joining.delete(id);
      if (!this.#publishing.owns(id)) continue;
      for (const { topic, value } of this.#withheld.take(id, told.get(id) ?? NOTHING_TOLD)) {
        this.#send(topic, value);
      }
    }
  }

  /** Resolves when nothing waits for the log: how a source that can wait is held back. */
  settled(): Promise<void> {
    return this.#drained;
  }

  /** A log that cannot be read now costs repetitions, not trades. */
  async #endOfLog(instruments: ReadonlySet<string>): Promise<ReadonlyMap<string, ToldMark>> {
    try {
      return await this.#publishing.endOfLog(instruments);
    } catch (error) {
      this.#host.log.warn({ err: error }, 'trades of the last moments may be told twice');
      return new Map();
    }
  }

  /** False where another will come soon enough: quotes, books and states are as good as their newest. */
  #withhold<T extends MarketTopic>(topic: T, value: MessageByTopic[T]): boolean {
    if (!isLasting(topic, value)) return false;
    this.#withheld.add({ topic, value } as Withheld);
    return true;
  }

  #send<T extends MarketTopic>(topic: T, value: MessageByTopic[T]): void {
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
    this.#host.supervisor.watch('market publisher', this.#drained);
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

/** Trades and the bars made of them. Daily bars are the venue's, and told whole by each new owner. */
function isLasting(topic: MarketTopic, value: object): boolean {
  return topic === 'md.trade' || (topic === 'md.bar' && (value as Bar).interval === '1m');
}
