import { outgoingRecord, type PartitionOwner, type StreamProducer } from '@cerberus/bus';
import type { Clock } from '@cerberus/core';
import { type FeatureValues, InstrumentFeatures } from '@cerberus/features';
import type { CounterMetric, Metrics } from '@cerberus/runtime';
import type { Codecs, Quote } from '@cerberus/schema';
import type { FeaturesConfig } from './service.ts';

export interface FeaturePublisherOptions {
  readonly config: FeaturesConfig;
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly producer: StreamProducer;
  readonly metrics: Metrics;
  /** Which instruments are this instance's to publish; it follows all of them. */
  readonly owner: Pick<PartitionOwner, 'owns' | 'partitionOf'>;
}

interface Followed {
  readonly features: InstrumentFeatures;
  last: FeatureValues | undefined;
  /** The quote that was counted in last, or told to be untrusted. */
  quote: Quote;
  publishedMs: number;
}

const MICROS_PER_SECOND = 1_000_000;

/** The features of every instrument that is quoted, published where they are this instance's. */
export class FeaturePublisher {
  readonly #options: FeaturePublisherOptions;
  readonly #instruments = new Map<string, Followed>();
  readonly #refused: CounterMetric;

  constructor(options: FeaturePublisherOptions) {
    this.#options = options;
    this.#refused = options.metrics.counter(
      'feature_quotes_refused_total',
      'Quotes without two positive prices in order',
    );
  }

  onQuote(quote: Quote): void {
    // Whoever wrote such a quote is wrong, and this service must outlive it.
    if (!isUsable(quote)) {
      this.#refused.inc();
      return;
    }
    const { config, clock, owner } = this.#options;
    let followed = this.#instruments.get(quote.instrument_id);
    if (followed === undefined) {
      const features = new InstrumentFeatures(config);
      followed = { features, last: undefined, quote, publishedMs: Number.NEGATIVE_INFINITY };
      this.#instruments.set(quote.instrument_id, followed);
    }
    followed.quote = quote;
    // A quote of a broken book would stay in the volatility long after the feed is mended.
    if (quote.quality !== 'UNTRUSTED') {
      followed.last = followed.features.update(topOf(quote), quote.event_time / MICROS_PER_SECOND);
    }
    if (!owner.owns(quote.instrument_id)) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - followed.publishedMs >= config.publishEveryMs) this.#publish(followed);
  }

  /** Instruments have come from another instance, which may be gone: nobody waits for a quote. */
  takeOver(partitions: readonly number[]): void {
    const taken = new Set(partitions);
    for (const [id, followed] of this.#instruments) {
      if (taken.has(this.#options.owner.partitionOf(id))) this.#publish(followed);
    }
  }

  /** Instruments quoted so far that this instance publishes. */
  get owned(): number {
    return [...this.#instruments.keys()].filter((id) => this.#options.owner.owns(id)).length;
  }

  async close(): Promise<void> {
    await this.#options.producer.flush();
    await this.#options.producer.close();
  }

  #publish(followed: Followed): void {
    if (followed.last === undefined) return;
    const { clock, codecs, producer } = this.#options;
    const { quote } = followed;
    const { values, missing } = followed.last;
    followed.publishedMs = clock.monotonicMs();
    const as_of = clock.nowUs();
    const age_ms = (as_of - quote.receive_time) / 1000;
    const value = {
      ...{ instrument_id: quote.instrument_id, as_of, values, missing, quality: quote.quality },
      inputs: [{ name: `md.quote ${quote.instrument_id}`, age_ms }],
    };
    // The topic is conflatable, so a full buffer replaces the older value and never makes us wait.
    void producer.send(outgoingRecord(codecs, { topic: 'feature.value', value }));
  }
}

function isUsable({ bid_price: bid, ask_price: ask }: Quote): boolean {
  return bid > 0 && ask >= bid && Number.isFinite(ask);
}

function topOf(quote: Quote) {
  return {
    bidPrice: quote.bid_price,
    bidQuantity: quote.bid_quantity,
    askPrice: quote.ask_price,
    askQuantity: quote.ask_quantity,
  };
}
