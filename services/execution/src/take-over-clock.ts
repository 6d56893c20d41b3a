import type { Clock } from '@cerberus/core';
import type { HistogramMetric, Logger, Metrics } from '@cerberus/runtime';

/** From shutting out the former leader to the first decision acted on. */
export type TakeOverPart = 'fence' | 'restore' | 'reconcile' | 'open';

const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 30];

/** How long each part of one take-over took, for the log and the metrics. */
export class TakeOverClock {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #histogram: HistogramMetric;
  readonly #startedMs: number;
  readonly #parts = new Map<string, number>();
  #markMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>, metrics: Metrics) {
    this.#clock = clock;
    this.#histogram = metrics.histogram(
      'takeover_seconds',
      'Take-over of the emitter by part; detection is the silence of the former leader before it',
      { labelNames: ['part'], buckets: BUCKETS },
    );
    this.#startedMs = clock.monotonicMs();
    this.#markMs = this.#startedMs;
  }

  /** The part that ends now. */
  passed(part: TakeOverPart): void {
    const nowMs = this.#clock.monotonicMs();
    this.#parts.set(part, nowMs - this.#markMs);
    this.#markMs = nowMs;
  }

  /** Told once, when the first order may be sent. */
  report(
    log: Logger,
    detail: { readonly formerSilentMs: number | undefined; readonly term: number },
  ) {
    const { formerSilentMs, ...rest } = detail;
    if (formerSilentMs !== undefined) this.#parts.set('detection', formerSilentMs);
    this.#parts.set('total', this.#clock.monotonicMs() - this.#startedMs);
    const figures: Record<string, number> = {};
    for (const [part, ms] of this.#parts) {
      this.#histogram.observe(ms / 1000, { part });
      figures[`${part}_ms`] = Math.round(ms);
    }
    log.info({ ...rest, ...figures }, 'took over: orders may be sent');
  }
}
