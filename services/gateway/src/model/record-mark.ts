import type { EpochUs } from '@cerberus/core';
import { extractTrace } from '@cerberus/runtime';

/** When a record was written, and the trace it belongs to. */
export interface RecordMark {
  readonly timeUs: EpochUs;
  readonly traceId: string | null;
}

export interface Marked<M> extends RecordMark {
  readonly message: M;
}

export function markOf(record: {
  readonly timestampUs: EpochUs;
  readonly headers: Readonly<Record<string, string>>;
}): RecordMark {
  return { timeUs: record.timestampUs, traceId: extractTrace(record.headers)?.traceId ?? null };
}
