import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Message of the error it ended with. */
  readonly error?: string;
}

/** The newest ended spans of this process, the oldest dropped when full. */
export class RecentSpans implements SpanProcessor {
  readonly #capacity: number;
  readonly #ring: SpanRecord[] = [];
  readonly #byTrace = new Map<string, SpanRecord[]>();
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  onStart(): void {
    // Only ended spans are kept.
  }

  onEnd(span: ReadableSpan): void {
    const record = recordOf(span);
    const dropped = this.#ring[this.#next];
    if (dropped !== undefined) this.#forget(dropped);
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % this.#capacity;
    const ofTrace = this.#byTrace.get(record.traceId);
    if (ofTrace === undefined) this.#byTrace.set(record.traceId, [record]);
    else ofTrace.push(record);
  }

  spansOf(traceId: string): readonly SpanRecord[] {
    const spans = this.#byTrace.get(traceId) ?? [];
    return [...spans].sort((left, right) => left.startUs - right.startUs);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  #forget(record: SpanRecord): void {
    const ofTrace = this.#byTrace.get(record.traceId);
    if (ofTrace === undefined) return;
    // Spans of a trace are dropped in the order in which they were added.
    ofTrace.shift();
    if (ofTrace.length === 0) this.#byTrace.delete(record.traceId);
  }
}

function recordOf(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    service: span.instrumentationScope.name,
    name: span.name,
    startUs: micros(span.startTime),
    endUs: micros(span.endTime),
    attributes: span.attributes,
    ...(span.status.code === SpanStatusCode.ERROR ? { error: span.status.message ?? 'error' } : {}),
  };
}

function micros([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1_000_000 + Math.round(nanos / 1000);
}
