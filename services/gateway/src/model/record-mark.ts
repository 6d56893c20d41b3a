import type { EpochUs } from '@cerberus/core';
import { extractTrace } from '@cerberus/runtime';

/** When a record was written, and the trace it belongs to. */
export interface RecordMark {
  readonly timeUs: EpochUs;
  readonly traceId: string | null;
  /** As it came, to go on from. */
  readonly traceparent: string | null;
}

export interface Marked<M> extends RecordMark {
  readonly message: M;
}

export function markOf(record: {
  readonly timestampUs: EpochUs;
  readonly headers: Readonly<Record<string, string>>;
}): RecordMark {
  const { headers, timestampUs: timeUs } = record;
  const traceId = extractTrace(headers)?.traceId ?? null;
  return { timeUs, traceId, traceparent: traceId === null ? null : headers['traceparent']! };
}
