import { SystemClock } from '@cerberus/runtime';
import { describe, expect, test } from '@jest/globals';
import { Feed, type Tap, WorkTurn } from '../../src/kafka/feed.ts';
import type { AbortedTransaction, FetchedPartition } from '../../src/kafka/fetch-protocol.ts';
import { encodeBatch, encodeMarker, plain } from './kafka-batches.ts';

const AT = { topic: 't', partition: 0 };

function tapAt(next: bigint, seen: string[], also?: () => void): Tap {
  return {
    next,
    feed: undefined,
    onRecord: ({ value }) => {
      seen.push(String(value));
      also?.();
    },
    onProgress: () => undefined,
    onDrained: () => undefined,
  };
}

function fetched(
  batches: readonly Buffer[],
  abortedTransactions: readonly AbortedTransaction[] = [],
): FetchedPartition {
  const records = Buffer.concat(batches);
  const highWatermark = 1000n;
  const lastStableOffset = highWatermark;
  return { ...AT, errorCode: 0, highWatermark, lastStableOffset, abortedTransactions, records };
}

/** Gives way after every look, so that whatever may come between does. */
const turn = () => new WorkTurn(new SystemClock(), 0);

describe('a feed', () => {
  test('hands over what was committed, of each producer by itself', async () => {
    const seen: string[] = [];
    const feed = new Feed(AT, 10n);
    const tap = tapAt(10n, seen);
    feed.add(tap);
    await feed.deliver(
      fetched(
        [
          await encodeBatch({
            baseOffset: 8,
            records: [0, 1, 2, 3].map((n) => plain(n, `${8 + n}`)),
          }),
          await encodeBatch({ baseOffset: 12, producerId: 7, records: [plain(0, 'aborted')] }),
          await encodeBatch({ baseOffset: 13, producerId: 8, records: [plain(0, 'committed')] }),
          await encodeMarker({ offset: 14, producerId: 7, isCommit: false }),
          await encodeBatch({ baseOffset: 15, producerId: 7, records: [plain(0, 'again')] }),
          await encodeMarker({ offset: 16, producerId: 8, isCommit: true }),
          await encodeMarker({ offset: 17, producerId: 7, isCommit: true }),
        ],
        [{ producerId: 7n, firstOffset: 12n }],
      ),
      turn(),
    );
    expect(seen).toEqual(['10', '11', 'committed', 'again']);
    expect([feed.next, tap.next]).toEqual([18n, 18n]);
  });

  test('passes batches that compaction has emptied, and their ends', async () => {
    const seen: string[] = [];
    const feed = new Feed(AT, 0n);
    const tap = tapAt(0n, seen);
    feed.add(tap);
    await feed.deliver(
      fetched([
        await encodeBatch({ baseOffset: 0, records: [plain(2, 'kept')], lastOffsetDelta: 5 }),
        await encodeBatch({ baseOffset: 6, records: [], lastOffsetDelta: 93 }),
      ]),
      turn(),
    );
    expect(seen).toEqual(['kept']);
    expect(tap.next).toBe(100n);
  });

  test('gives a tap that joins while it delivers only what lies behind its place', async () => {
    const [first, second]: string[][] = [[], []];
    const feed = new Feed(AT, 0n);
    const late = tapAt(100n, second!);
    feed.add(tapAt(0n, first!, () => first!.length === 40 && feed.add(late)));
    const records = Array.from({ length: 100 }, (_, n) => plain(n, `${n}`));
    await feed.deliver(fetched([await encodeBatch({ baseOffset: 0, records })]), turn());
    await feed.deliver(
      fetched([await encodeBatch({ baseOffset: 100, records: [plain(0, '100')] })]),
      turn(),
    );
    expect(first).toHaveLength(101);
    expect(second).toEqual(['100']);
  });

  test('stays where it was when it is given what it cannot read', async () => {
    const feed = new Feed(AT, 0n);
    feed.add(tapAt(0n, []));
    const damaged = await encodeBatch({ baseOffset: 0, records: [plain(0, 'x')] });
    damaged.fill(0xff, 61);
    await expect(feed.deliver(fetched([damaged]), turn())).rejects.toThrow('damaged');
    expect(feed.next).toBe(0n);
  });
});
