import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string | number>>;

export interface CounterMetric {
  inc(labels?: Labels, by?: number): void;
}

export interface GaugeMetric {
  set(value: number, labels?: Labels): void;
  remove(labels: Labels): void;
}

export interface HistogramMetric {
  observe(value: number, labels?: Labels): void;
}

const PREFIX = 'cerberus_';

/** Seconds: from 50 µs, a fast handler, to 10 s, a stuck one. */
const DURATION_BUCKETS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  10,
];

/**
 * Metrics of one service over a registry that all services of the process share. Names get the
 * prefix `cerberus_`, every series the label `service`; asking for the same name again gives the
 * same metric, so two services may count alike.
 */
export class Metrics {
  readonly registry: Registry;
  readonly #service: string;

  constructor(service: string, registry: Registry = new Registry()) {
    this.#service = service;
    this.registry = registry;
  }

  /** Event-loop delay, garbage collection, heap, CPU and file descriptors of the process. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  forService(service: string): Metrics {
    return new Metrics(service, this.registry);
  }

  counter(name: string, help: string, labelNames: readonly string[] = []): CounterMetric {
    const metric = this.#once(PREFIX + name, (full) => {
      return new Counter({
        name: full,
        help,
        labelNames: ['service', ...labelNames],
        registers: [this.registry],
      });
    });
    const service = this.#service;
    if (labelNames.length === 0) metric.inc({ service }, 0);
    return { inc: (labels, by = 1) => metric.inc({ ...labels, service }, by) };
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): GaugeMetric {
    const metric = this.#once(PREFIX + name, (full) => {
      return new Gauge({
        name: full,
        help,
        labelNames: ['service', ...labelNames],
        registers: [this.registry],
      });
    });
    const service = this.#service;
    return {
      set: (value, labels) => metric.set({ ...labels, service }, value),
      remove: (labels) => metric.remove({ ...labels, service }),
    };
  }

  /** A gauge that is read when somebody looks, e.g. the length of a queue. */
  gaugeOf(name: string, help: string, read: () => number): void {
    const full = PREFIX + name;
    const readers =
      GAUGE_READERS.get(this.registry) ?? new Map<string, Map<string, () => number>>();
    GAUGE_READERS.set(this.registry, readers);
    const known = readers.get(full);
    if (known !== undefined) {
      known.set(this.#service, read);
      return;
    }
    const byService = new Map([[this.#service, read]]);
    readers.set(full, byService);
    new Gauge({
      name: full,
      help,
      labelNames: ['service'],
      registers: [this.registry],
      collect() {
        for (const [service, value] of byService) this.set({ service }, value());
      },
    });
  }

  histogram(
    name: string,
    help: string,
    options: { readonly labelNames?: readonly string[]; readonly buckets?: readonly number[] } = {},
  ): HistogramMetric {
    const metric = this.#once(PREFIX + name, (full) => {
      return new Histogram({
        name: full,
        help,
        labelNames: ['service', ...(options.labelNames ?? [])],
        buckets: [...(options.buckets ?? DURATION_BUCKETS)],
        registers: [this.registry],
      });
    });
    const service = this.#service;
    return { observe: (value, labels) => metric.observe({ ...labels, service }, value) };
  }

  /** Duration of one handler, in seconds; the same histogram for every handler of every service. */
  handlerDuration(handler: string): { observeMs(durationMs: number): void } {
    const metric = this.histogram('handler_duration_seconds', 'Time in one handler call', {
      labelNames: ['handler'],
    });
    return { observeMs: (durationMs) => metric.observe(durationMs / 1000, { handler }) };
  }

  /** Records between what a consumer has done and the end of its partition. */
  consumerLag(): GaugeMetric {
    return this.gauge('consumer_lag_records', 'Records not yet consumed', ['topic', 'partition']);
  }

  render(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  #once<M>(fullName: string, create: (fullName: string) => M): M {
    return (this.registry.getSingleMetric(fullName) as M | undefined) ?? create(fullName);
  }
}

const GAUGE_READERS = new WeakMap<Registry, Map<string, Map<string, () => number>>>();
