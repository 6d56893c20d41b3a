import { createRequire } from 'node:module';

/** Record batches as kafkajs encodes them: the reference that the reader of this library is held to. */

const require = createRequire(import.meta.url);
interface Encoded {
  readonly buffer: Buffer;
}
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(options: object): Promise<Encoded>;
};
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  options: object,
) => Encoded;

export interface BatchRecord {
  readonly offsetDelta: number;
  readonly timeDeltaMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

export interface BatchOptions {
  readonly baseOffset: number;
  readonly records: readonly BatchRecord[];
  readonly lastOffsetDelta?: number;
  readonly baseTimeMs?: number;
  readonly producerId?: number;
  readonly isGzipped?: boolean;
}

const GZIP = 1;
const NONE = 0;
const ATTRIBUTES_AT = 22;
const CONTROL = 0x20;

export async function encodeBatch(options: BatchOptions): Promise<Buffer> {
  const { baseOffset, records, lastOffsetDelta, baseTimeMs = 0, producerId } = options;
  const { buffer } = await RecordBatch({
    compression: options.isGzipped === true ? GZIP : NONE,
    firstOffset: baseOffset,
    firstTimestamp: baseTimeMs,
    maxTimestamp: baseTimeMs,
    lastOffsetDelta: lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? 0,
    transactional: producerId !== undefined,
    producerId: producerId ?? -1,
    records: records.map(({ timeDeltaMs, ...record }) =>
      encodeRecord({ ...record, timestampDelta: timeDeltaMs }),
    ),
  });
  return buffer;
}

export function plain(offsetDelta: number, value: string): BatchRecord {
  const bytes = Buffer.from(value);
  return { offsetDelta, timeDeltaMs: 0, key: bytes, value: bytes, headers: {} };
}

/** The marker that ends a transaction. */
export async function encodeMarker(options: {
  readonly offset: number;
  readonly producerId: number;
  readonly isCommit: boolean;
}): Promise<Buffer> {
  const { offset, producerId, isCommit } = options;
  const key = Buffer.from([0, 0, 0, isCommit ? 1 : 0]);
  const record = { offsetDelta: 0, timeDeltaMs: 0, key, value: Buffer.alloc(6), headers: {} };
  const bytes = await encodeBatch({ baseOffset: offset, producerId, records: [record] });
  bytes[ATTRIBUTES_AT] = bytes[ATTRIBUTES_AT]! | CONTROL;
  return bytes;
}
