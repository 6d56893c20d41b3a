import type { Fault } from '@cerberus/core';
import type { IncomingRecord, OutgoingRecord } from '../port.ts';
import { deadLetterTopic } from '../topic-table.ts';

/** `handler_error`, `buffer_full`, or the code of the fault that decoding found. */
export interface DeadLetterReason {
  readonly reason: string;
  readonly detail: string;
}

/** Where readers that commit nothing themselves put what they could not use. */
export interface DeadLetterSink {
  write(record: IncomingRecord, why: DeadLetterReason): void;
}

/** Details are for a person; the record itself is kept whole. */
const DETAIL_LENGTH_MAX = 500;

/**
 * The record as it came, on the same partition of `<topic>.dlq`, with where it was and why it could
 * not be used in its headers. Headers of the record stay beside them.
 */
export function deadLetter(
  record: IncomingRecord,
  service: string,
  { reason, detail }: DeadLetterReason,
): OutgoingRecord {
  return {
    topic: deadLetterTopic(record.topic),
    key: record.key,
    value: record.value,
    partition: record.partition,
    headers: {
      ...record.headers,
      topic: record.topic,
      partition: String(record.partition),
      offset: record.offset.toString(),
      reason,
      detail: detail.slice(0, DETAIL_LENGTH_MAX),
      service,
    },
  };
}

export function reasonOf(fault: Fault): DeadLetterReason {
  const received = fault.received === undefined ? '' : `, received ${fault.received}`;
  const expected = fault.expected === undefined ? '' : `: expected ${fault.expected}${received}`;
  return { reason: fault.code, detail: `${fault.message}${expected}` };
}
