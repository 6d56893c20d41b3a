import { BUS_ERRORS, busError } from './errors.ts';
import type { OutgoingRecord } from './port.ts';
import type { TopicTable } from './topic-table.ts';

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

/** A record that only a ledger may hold. */
export function checkLedgerRecord(topics: TopicTable, record: OutgoingRecord): void {
  if (topics.get(record.topic).class !== 'ledger') {
    throw busError(BUS_ERRORS.TOPIC_CLASS, { path: record.topic, expected: 'a ledger topic' });
  }
  checkRecordSize(record);
}
