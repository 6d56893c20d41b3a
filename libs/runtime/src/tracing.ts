import type { Clock, EpochUs, Rng } from '@cerberus/core';
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { RecentSpans, type SpanRecord } from './recent-spans.ts';

/** Headers of a record or request; the trace travels as W3C `traceparent`. */
export type TraceHeaders = Readonly<Record<string, string | undefined>>;

export interface SpanOptions {
  /** Headers of what caused this; without a valid `traceparent` in them a new trace begins. */
  readonly parent?: TraceHeaders | undefined;
  readonly attributes?: Attributes;
}

export interface ActiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** To merge into the headers of whatever this span causes. */
  headers(): { readonly traceparent: string };
  setAttribute(name: string, value: string | number | boolean): void;
  /** Once; with an error the span is marked as failed. */
  end(error?: unknown): void;
}

/**
 * Tracing of one service. Spans are made per order or per batch, never per tick, and their parent is
 * always given explicitly: handlers are synchronous and replayable, so nothing is ambient.
 */
export interface Tracing {
  startSpan(name: string, options?: SpanOptions): ActiveSpan;
  /** Runs the work inside a span that ends with it, whether it returns, resolves, throws or rejects. */
  withSpan<T>(name: string, options: SpanOptions, work: (span: ActiveSpan) => T): T;
  /** Recent spans of one trace in this process, oldest first. */
  spansOf(traceId: string): readonly SpanRecord[];
  forService(service: string): Tracing;
}

export interface TracingHost extends Tracing {
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

export interface TracingOptions {
  readonly service: string;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly rng: Pick<Rng, 'nextUint32'>;
  /** OTLP/HTTP base URL, from `OTEL_EXPORTER_OTLP_ENDPOINT`; without it nothing is sent. */
  readonly otlpEndpoint?: string | undefined;
  readonly recentSpans?: number;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;
const DEFAULT_RECENT_SPANS = 16_384;

/** The span context of a `traceparent` header, if there is a valid one (W3C Trace Context §3.2). */
export function extractTrace(headers: TraceHeaders | undefined): SpanContext | undefined {
  const match = TRACEPARENT.exec(headers?.['traceparent'] ?? '');
  if (match === null || match[0].startsWith('ff')) return undefined;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
}

export function createTracing(options: TracingOptions): TracingHost {
  const recent = new RecentSpans(options.recentSpans ?? DEFAULT_RECENT_SPANS);
  const processors: SpanProcessor[] = [recent];
  if (options.otlpEndpoint !== undefined && options.otlpEndpoint !== '') {
    const url = `${options.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`;
    processors.push(new BatchSpanProcessor(new OTLPTraceExporter({ url })));
  }
  const hex = (words: number): string => {
    let text = '';
    for (let word = 0; word < words; word += 1) {
      text += options.rng.nextUint32().toString(16).padStart(8, '0');
    }
    return /^0+$/.test(text) ? `${text.slice(1)}1` : text;
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.service }),
    idGenerator: { generateTraceId: () => hex(4), generateSpanId: () => hex(2) },
    spanProcessors: processors,
  });
  const tracing = new ServiceTracing(provider, recent, options.clock, options.service);
  return Object.assign(tracing, { shutdown: () => provider.shutdown() });
}

class ServiceTracing implements Tracing {
  readonly #provider: BasicTracerProvider;
  readonly #recent: RecentSpans;
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #tracer: Tracer;

  constructor(
    provider: BasicTracerProvider,
    recent: RecentSpans,
    clock: Pick<Clock, 'nowUs'>,
    service: string,
  ) {
    this.#provider = provider;
    this.#recent = recent;
    this.#clock = clock;
    this.#tracer = provider.getTracer(service);
  }

  startSpan(name: string, options: SpanOptions = {}): ActiveSpan {
    const parent = extractTrace(options.parent);
    const context =
      parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(
      name,
      {
        startTime: hrTime(this.#clock.nowUs()),
        ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      },
      context,
    );
    return new RecordedSpan(span, this.#clock);
  }

  withSpan<T>(name: string, options: SpanOptions, work: (span: ActiveSpan) => T): T {
    const span = this.startSpan(name, options);
    let result: T;
    try {
      result = work(span);
    } catch (error) {
      span.end(error);
      throw error;
    }
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.then(
      (value: unknown) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        span.end(error);
        throw error;
      },
    ) as T;
  }

  spansOf(traceId: string): readonly SpanRecord[] {
    return this.#recent.spansOf(traceId);
  }

  forService(service: string): Tracing {
    return new ServiceTracing(this.#provider, this.#recent, this.#clock, service);
  }
}

class RecordedSpan implements ActiveSpan {
  readonly #span: Span;
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #context: SpanContext;

  constructor(span: Span, clock: Pick<Clock, 'nowUs'>) {
    this.#span = span;
    this.#clock = clock;
    this.#context = span.spanContext();
  }

  get traceId(): string {
    return this.#context.traceId;
  }

  get spanId(): string {
    return this.#context.spanId;
  }

  headers(): { readonly traceparent: string } {
    const flags = this.#context.traceFlags.toString(16).padStart(2, '0');
    return { traceparent: `00-${this.#context.traceId}-${this.#context.spanId}-${flags}` };
  }

  setAttribute(name: string, value: string | number | boolean): void {
    this.#span.setAttribute(name, value);
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      const message = error instanceof Error ? error.message : String(error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.#span.end(hrTime(this.#clock.nowUs()));
  }
}

function hrTime(us: EpochUs): [number, number] {
  return [Math.floor(us / 1_000_000), (us % 1_000_000) * 1000];
}
