import { BUS_ERRORS, busError } from './errors.ts';
import type { OutgoingRecord } from './port.ts';

/** Largest value, as Kafka's default `max.message.bytes`. */
export const RECORD_BYTES_MAX = 1024 * 1024;

/** Refuses what no implementation would take, before anything of its commit is written. */
export function checkRecordSize(record: OutgoingRecord): void {
  const size = record.value?.length ?? 0;
  if (size <= RECORD_BYTES_MAX) return;
  throw busError(BUS_ERRORS.RECORD_TOO_LARGE, {
    path: record.topic,
    expected: `at most ${RECORD_BYTES_MAX} bytes`,
    received: `${size} bytes`,
  });
}
