import {
  type DeadLetter,
  deadLetterTopic,
  type OutgoingRecord,
  readDeadLetter,
  replayOf,
  type SourcePosition,
  type TransactionalProducer,
} from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { TOPICS, type TopicName } from '@cerberus/schema';
import type { LogAccess } from './dlq-access.ts';
import { DLQ_ERRORS } from './dlq-errors.ts';
import {
  decodeLetter,
  type LetterPlace,
  letterUnknown,
  placeText,
  readLetters,
  readTopics,
  requireSome,
} from './dlq-letters.ts';
import { faulty } from './input.ts';

export interface ReplayRequest {
  readonly topic: TopicName;
  /** Undefined for all. */
  readonly at: LetterPlace | undefined;
  readonly reason: string | undefined;
  /** Most records in one run. */
  readonly limit: number;
  readonly dryRun: boolean;
  /** Also what was put back before. */
  readonly again: boolean;
  /** Also what does not decode, and what a newer record of its key has replaced. */
  readonly force: boolean;
}

export interface Refusal {
  readonly place: SourcePosition;
  readonly code: string;
  readonly why: string;
}

/** Counts are of records: several services may have set one record aside. */
export interface ReplayReport {
  readonly letters: number;
  readonly records: number;
  readonly selected: number;
  readonly alreadyReplayed: number;
  readonly replayed: number;
  readonly refused: readonly Refusal[];
  /** Selected, but beyond the bounds of one run. */
  readonly left: number;
}

/** One id for all: a second replay at the same time fences the first, so that none repeats the other. */
const PRODUCER_ID = 'dlq-replay';
const COMMIT_RECORDS_MAX = 100;
const COMMIT_BYTES_MAX = 2 * 1024 * 1024;
/** Values held in memory at once; the rest is for the next run. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

interface Placed {
  readonly source: SourcePosition;
  /** The letter that stands for the record. */
  readonly letter: LetterPlace;
  readonly bytes: number;
  readonly replays: number;
}

interface Indexed {
  letters: number;
  readonly records: Map<string, Placed>;
  /** Places of the chosen. */
  readonly chosen: Set<string>;
  readonly replays: Map<string, number>;
}

/** Puts records back on the partition they came from, and the marks that say so in the same commit. */
export async function replay(log: LogAccess, request: ReplayRequest): Promise<ReplayReport> {
  const { topic } = request;
  if (TOPICS[topic].class === 'stream') {
    throw faulty(faultOf(DLQ_ERRORS.STREAM_NOT_REPLAYABLE, { path: topic }));
  }
  if (log.codecs === undefined && !request.force) {
    throw faulty(
      faultOf(DLQ_ERRORS.REGISTRY_UNNAMED, { path: 'schemaRegistry.url', expected: 'a URL' }),
    );
  }
  // Before reading: what another replay puts back from here on, it cannot.
  const producer = request.dryRun ? undefined : await log.bus.openTransactional(PRODUCER_ID);
  try {
    return await replayWith(log, request, producer);
  } finally {
    await producer?.close();
  }
}

async function replayWith(
  log: LogAccess,
  request: ReplayRequest,
  producer: TransactionalProducer | undefined,
): Promise<ReplayReport> {
  const index = await indexOf(log, request);
  requireSome(index.letters, request.topic);
  if (request.at !== undefined && index.chosen.size === 0) {
    throw letterUnknown(request.topic, request.at);
  }
  const chosen = [...index.records].filter(([place]) => index.chosen.has(place));
  const fresh = chosen.filter(([place]) => request.again || !index.replays.has(place));
  const bounded = withinBounds(
    fresh.map(([, placed]) => placed),
    request.limit,
  );
  const letters = await fetchLetters(log, request.topic, bounded);
  const refused = request.force ? [] : await refusals(log, letters);
  const places = new Set(refused.map(({ place }) => placeText(place)));
  const good = letters.filter(({ source }) => !places.has(placeText(source)));
  const outgoing = good.map((letter) => {
    const before = Math.max(letter.replays, index.replays.get(placeText(letter.source)) ?? 0);
    return replayOf(letter, before + 1);
  });
  if (producer !== undefined) await commitAll(producer, outgoing);
  return {
    letters: index.letters,
    records: index.records.size,
    selected: chosen.length,
    alreadyReplayed: chosen.length - fresh.length,
    replayed: outgoing.length,
    refused,
    left: fresh.length - bounded.length,
  };
}

/** Without the values: which records there are, which are meant and which were put back before. */
async function indexOf(log: LogAccess, request: ReplayRequest): Promise<Indexed> {
  const { at, reason } = request;
  const index: Indexed = {
    ...{ letters: 0, records: new Map(), chosen: new Set(), replays: new Map() },
  };
  await readLetters(log, [request.topic], (entry) => {
    const place = placeText(entry.source);
    if (entry.kind === 'replayed') {
      index.replays.set(place, Math.max(entry.replays, index.replays.get(place) ?? 0));
      return;
    }
    const { record, source, replays } = entry;
    const { partition, offset } = record;
    index.letters += 1;
    if (!index.records.has(place)) {
      const bytes = record.key.length + (record.value?.length ?? 0);
      index.records.set(place, { source, letter: { partition, offset }, bytes, replays });
    }
    const isThere = at === undefined || (at.partition === partition && at.offset === offset);
    if (isThere && (reason === undefined || reason === entry.reason)) index.chosen.add(place);
  });
  return index;
}

function withinBounds(placed: readonly Placed[], limit: number): Placed[] {
  const bounded: Placed[] = [];
  let bytes = 0;
  for (const each of placed.slice(0, limit)) {
    bytes += each.bytes;
    if (bounded.length > 0 && bytes > HELD_BYTES_MAX) break;
    bounded.push(each);
  }
  return bounded;
}

/** In the order of the log. */
async function fetchLetters(
  log: LogAccess,
  topic: string,
  wanted: readonly Placed[],
): Promise<DeadLetter[]> {
  if (wanted.length === 0) return [];
  const name = deadLetterTopic(topic);
  const places = new Set(wanted.map(({ letter }) => placeText({ topic: name, ...letter })));
  const letters: DeadLetter[] = [];
  await readTopics(log, [name], {
    onRecord: (record) => {
      if (!places.has(placeText(record))) return;
      const entry = readDeadLetter(record);
      if (entry?.kind === 'letter') letters.push(entry);
    },
  });
  return letters;
}

async function refusals(log: LogAccess, letters: readonly DeadLetter[]): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  const good: DeadLetter[] = [];
  for (const letter of letters) {
    const decoded = await decodeLetter(log.codecs, letter);
    if (decoded.ok) good.push(letter);
    else {
      const { code, message, received } = decoded.error;
      const why = received === undefined ? message : `${message}: ${received}`;
      refused.push({ place: letter.source, code, why });
    }
  }
  return [...refused, ...(await superseded(log, good))];
}

/** In a table the newest record of a key counts: an older one must not come back over it. */
async function superseded(log: LogAccess, letters: readonly DeadLetter[]): Promise<Refusal[]> {
  const topic = letters[0]?.source.topic as TopicName | undefined;
  if (topic === undefined || TOPICS[topic].cleanup !== 'compact') return [];
  const nameOf = (partition: number, key: string) => `${partition} ${key}`;
  const newest = new Map<string, bigint>();
  const asked = new Set(letters.map(({ source, record }) => nameOf(source.partition, record.key)));
  await readTopics(log, [topic], {
    onRecord: ({ partition, key, offset }) => {
      const name = nameOf(partition, key);
      if (asked.has(name)) newest.set(name, offset);
    },
  });
  return letters.flatMap(({ source, record }): Refusal[] => {
    const offset = newest.get(nameOf(source.partition, record.key));
    if (offset === undefined || offset <= source.offset) return [];
    const why = `a newer record of the key is at ${placeText({ ...source, offset })}`;
    return [{ place: source, code: 'superseded', why }];
  });
}

async function commitAll(
  producer: TransactionalProducer,
  replays: readonly OutgoingRecord[][],
): Promise<void> {
  let done = 0;
  while (done < replays.length) {
    const count = commitLength(replays, done);
    try {
      await producer.commit({ records: replays.slice(done, done + count).flat() });
    } catch (error) {
      const reason = error instanceof CerberusError ? error.fault.message : String(error);
      const message = `${done} records were put back, of ${count} it is not known, ${replays.length - done - count} were not (${reason}); run it again: what was put back is not repeated`;
      throw new CerberusError(faultOf(DLQ_ERRORS.UNFINISHED, { message }), { cause: error });
    }
    done += count;
  }
}

function commitLength(replays: readonly OutgoingRecord[][], from: number): number {
  let bytes = 0;
  let count = 0;
  for (const [record] of replays.slice(from, from + COMMIT_RECORDS_MAX)) {
    bytes += record?.value?.length ?? 0;
    if (count > 0 && bytes > COMMIT_BYTES_MAX) break;
    count += 1;
  }
  return count;
}
