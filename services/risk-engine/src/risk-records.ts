import { outgoingRecord, type StreamProducer } from '@cerberus/bus';
import type { CounterMetric, HostContext } from '@cerberus/runtime';
import type { Codecs, MessageByTopic, RiskMetrics, TopicName } from '@cerberus/schema';

/** Where what was computed goes. */
export class RiskRecords {
  readonly #codecs: Codecs;
  readonly #producer: StreamProducer;
  readonly #published: CounterMetric;
  /** Told of every account's figures. */
  onMetrics: ((metrics: RiskMetrics) => void) | undefined;

  constructor(metrics: HostContext['metrics'], codecs: Codecs, producer: StreamProducer) {
    this.#codecs = codecs;
    this.#producer = producer;
    this.#published = metrics.counter('risk_publications_total', 'Risk records published', [
      'topic',
    ]);
  }

  send<T extends TopicName>(topic: T, value: MessageByTopic[T]): void {
    // Every topic of this service is conflatable: a full buffer keeps the newest and does not wait.
    void this.#producer.send(outgoingRecord(this.#codecs, { topic, value }));
    this.#published.inc({ topic });
    if (topic === 'risk.metrics') this.onMetrics?.(value as RiskMetrics);
  }
}
