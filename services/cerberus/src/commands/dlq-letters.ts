import {
  type Bus,
  DEAD_LETTER_SUFFIX,
  type DeadLetter,
  deadLetterTopic,
  type Offsets,
  readDeadLetter,
  type SourcePosition,
} from '@cerberus/bus';
import { type EpochUs, type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { Codecs, SCHEMA_ERRORS, TOPICS, type TopicName } from '@cerberus/schema';
import type { LogAccess } from './dlq-access.ts';
import { DLQ_ERRORS } from './dlq-errors.ts';
import { faulty } from './input.ts';

type Log = Pick<LogAccess, 'bus' | 'clock'>;
type Entry = NonNullable<ReturnType<typeof readDeadLetter>>;

const STALL_LIMIT_MS = 30_000;
const STALL_CHECK_MS = 1000;

/** A topic by its own name or that of its dead letters. */
export function topicNamed(text: string): TopicName {
  const name = text.endsWith(DEAD_LETTER_SUFFIX) ? text.slice(0, -DEAD_LETTER_SUFFIX.length) : text;
  if (Object.hasOwn(TOPICS, name)) return name as TopicName;
  throw faulty(
    faultOf(DLQ_ERRORS.TOPIC_UNKNOWN, {
      path: text.slice(0, 80),
      expected: 'a topic of docs/topics.md, e.g. order.request',
    }),
  );
}

/** Everything that was in topics when asked, in order per partition. */
export async function readTopics(
  { bus, clock }: Log,
  topics: readonly string[],
  {
    from = 'beginning',
    onRecord,
  }: {
    readonly from?: 'beginning' | Offsets;
    readonly onRecord: Parameters<Bus['follow']>[0]['onRecord'];
  },
): Promise<void> {
  let heardMs = clock.monotonicMs();
  const follower = await bus.follow({
    topics,
    from,
    onRecord: (record) => {
      heardMs = clock.monotonicMs();
      onRecord(record);
    },
  });
  const stalled = Promise.withResolvers<never>();
  const watch = clock.every(STALL_CHECK_MS, () => {
    if (clock.monotonicMs() - heardMs < STALL_LIMIT_MS) return;
    const message = `nothing of ${topics.join(', ')} for ${STALL_LIMIT_MS / 1000} s`;
    stalled.reject(faulty(faultOf(DLQ_ERRORS.NO_PROGRESS, { message })));
  });
  try {
    await Promise.race([follower.caughtUp, stalled.promise]);
  } finally {
    watch.cancel();
    await follower.stop();
  }
}

/** Letters and marks of the dead letters of topics; those without any are not asked. */
export async function readLetters(
  log: Log,
  topics: readonly string[],
  onEntry: (entry: Entry) => void,
): Promise<void> {
  const ends = await log.bus.endOffsets(topics.map(deadLetterTopic));
  const used = new Set(ends.filter(({ nextOffset }) => nextOffset > 0n).map(({ topic }) => topic));
  if (used.size === 0) return;
  await readTopics(log, [...used], {
    onRecord: (record) => {
      const entry = readDeadLetter(record);
      if (entry !== undefined) onEntry(entry);
    },
  });
}

/** Place in a topic as people write it. */
export function placeText({ topic, partition, offset }: SourcePosition): string {
  return `${topic}/${partition}@${offset}`;
}

export interface TopicSummary {
  readonly topic: string;
  readonly letters: number;
  /** Of them, letters whose record was put back. */
  readonly replayed: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly services: readonly string[];
  readonly oldest: EpochUs;
  readonly newest: EpochUs;
}

/** What lies in the dead letter topics, of each that has any. */
export async function summarise(log: Log, topics: readonly string[]): Promise<TopicSummary[]> {
  const found = new Map<string, TopicTally>();
  await readLetters(log, topics, (entry) => {
    const { topic } = entry.source;
    const tally = found.get(topic) ?? new TopicTally(topic);
    found.set(topic, tally);
    tally.add(entry);
  });
  return [...found.values()]
    .flatMap((tally) => tally.summary() ?? [])
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

class TopicTally {
  readonly #topic: string;
  readonly #reasons = new Map<string, number>();
  readonly #services = new Set<string>();
  /** Letters of each place in the source topic: several services may have set one record aside. */
  readonly #places = new Map<string, number>();
  readonly #replayed = new Set<string>();
  #letters = 0;
  #oldest = Number.POSITIVE_INFINITY;
  #newest = 0;

  constructor(topic: string) {
    this.#topic = topic;
  }

  add(entry: Entry): void {
    const place = placeText(entry.source);
    if (entry.kind === 'replayed') {
      this.#replayed.add(place);
      return;
    }
    const { reason, service, record } = entry;
    this.#letters += 1;
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1);
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    this.#services.add(service);
    this.#oldest = Math.min(this.#oldest, record.timestampUs);
    this.#newest = Math.max(this.#newest, record.timestampUs);
  }

  summary(): TopicSummary | undefined {
    if (this.#letters === 0) return undefined;
    let replayed = 0;
    for (const place of this.#replayed) replayed += this.#places.get(place) ?? 0;
    return {
      ...{ topic: this.#topic, letters: this.#letters, replayed },
      reasons: Object.fromEntries([...this.#reasons].sort(([, a], [, b]) => b - a)),
      services: [...this.#services].sort(),
      oldest: this.#oldest as EpochUs,
      newest: this.#newest as EpochUs,
    };
  }
}

/** What the record of a letter says by the schemas of today; null for a deletion. */
export async function decodeLetter(
  codecs: Codecs | undefined,
  { record, source }: DeadLetter,
): Promise<Result<unknown, Fault>> {
  const topic = source.topic as TopicName;
  const { value } = record;
  if (value === null) {
    if (TOPICS[topic].cleanup === 'compact') return ok(null);
    const expected = `a record: ${topic} is not compacted`;
    return fail(faultOf(SCHEMA_ERRORS.VALUE_INVALID, { expected, received: 'no value' }));
  }
  if (codecs === undefined) return fail(faultOf(DLQ_ERRORS.REGISTRY_UNNAMED));
  const id = Codecs.schemaId(value);
  if (id !== undefined) await codecs.learn(topic, id);
  return codecs.decode(topic, value);
}

export function requireSome(count: number, topic: string): void {
  if (count > 0) return;
  throw faulty(faultOf(DLQ_ERRORS.EMPTY, { path: deadLetterTopic(topic) }));
}

export interface LetterPlace {
  readonly partition: number;
  readonly offset: bigint;
}

export function letterUnknown(topic: string, at: LetterPlace): Error {
  const path = placeText({ topic: deadLetterTopic(topic), ...at });
  const expected = 'an offset that "cerberus dlq show" names; letters are kept for 30 days';
  return faulty(faultOf(DLQ_ERRORS.LETTER_UNKNOWN, { path, expected }));
}
