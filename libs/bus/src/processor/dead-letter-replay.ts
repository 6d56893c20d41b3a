import { DEAD_LETTER_SUFFIX, type IncomingRecord, type OutgoingRecord } from '../port.ts';
import { deadLetterTopic } from '../topic-table.ts';

/** Where a record was before it was set aside. */
export interface SourcePosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A record that a service could not use, as it lies in `<topic>.dlq`. */
export interface DeadLetter {
  readonly kind: 'letter';
  readonly record: IncomingRecord;
  readonly source: SourcePosition;
  readonly reason: string;
  readonly detail: string;
  readonly service: string;
  /** How often the record had been put back before it came here. */
  readonly replays: number;
}

/**
 * Says in `<topic>.dlq` that the record of a position was put back. It commits with the record, lives
 * as long as the letters do (offsets of an idle group do not) and is read by whoever reads them.
 */
export interface ReplayMark {
  readonly kind: 'replayed';
  readonly source: SourcePosition;
  readonly replays: number;
}

const LETTER_HEADERS = ['topic', 'partition', 'offset', 'reason', 'detail', 'service'] as const;
/** On a record that was put back: how often, and the letter it came from. */
const [REPLAYS, REPLAY_OF] = ['replay', 'replay_of'] as const;
/** Tells a mark from a letter. */
const REPLAYED = 'replayed';
const WHOLE = /^\d{1,18}$/;

/** What a record of a dead letter topic says; undefined where nothing of ours wrote it. */
export function readDeadLetter(record: IncomingRecord): DeadLetter | ReplayMark | undefined {
  const { headers, partition } = record;
  const topic = record.topic.slice(0, -DEAD_LETTER_SUFFIX.length);
  const isOurs =
    deadLetterTopic(topic) === record.topic &&
    headers['topic'] === topic &&
    headers['partition'] === String(partition) &&
    WHOLE.test(headers['offset'] ?? '');
  if (!isOurs) return undefined;
  const source = { topic, partition, offset: BigInt(headers['offset']!) };
  if (headers[REPLAYED] !== undefined) {
    return { kind: 'replayed', source, replays: countOf(headers[REPLAYED]) };
  }
  const { reason = 'unknown', detail = '', service = 'unknown' } = headers;
  return { kind: 'letter', record, source, reason, detail, service, replays: replaysOf(record) };
}

/** The record as it was, for the partition it came from, and the mark that belongs into the same commit. */
export function replayOf(letter: DeadLetter, replays: number): OutgoingRecord[] {
  const { record, source } = letter;
  const { topic, partition, offset } = source;
  const { key, value } = record;
  const own = Object.entries(record.headers).filter(
    ([name]) => !(LETTER_HEADERS as readonly string[]).includes(name),
  );
  const place = `${record.topic}/${record.partition}@${record.offset}`;
  const headers = { ...Object.fromEntries(own), [REPLAYS]: `${replays}`, [REPLAY_OF]: place };
  const marked = {
    topic,
    partition: `${partition}`,
    offset: `${offset}`,
    [REPLAYED]: `${replays}`,
  };
  return [
    { topic, partition, key, value, headers },
    { topic: record.topic, partition, key, value: null, headers: marked },
  ];
}

/** How often a record was put back on its topic; 0 for one that never was set aside. */
export function replaysOf({ headers }: Pick<IncomingRecord, 'headers'>): number {
  return countOf(headers[REPLAYS]);
}

function countOf(text: string | undefined): number {
  return text !== undefined && WHOLE.test(text) ? Number(text) : 0;
}
