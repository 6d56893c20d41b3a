import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { byPartition } from '../../src/kafka/kafka-records.ts';
import { produceRequest, readProduceResponse } from '../../src/kafka/produce-protocol.ts';

const require = createRequire(import.meta.url);
interface Encoded {
  readonly buffer: Buffer;
}
/** kafkajs as the reference. */
const requestOf = require('kafkajs/src/protocol/requests/produce/v7/request') as (
  options: object,
) => object;
const createRequest = require('kafkajs/src/protocol/request') as (
  options: object,
) => Promise<Encoded>;
const Encoder = require('kafkajs/src/protocol/encoder') as new () => EncoderLike;
interface EncoderLike extends Encoded {
  writeInt16(value: number): EncoderLike;
  writeInt32(value: number): EncoderLike;
  writeInt64(value: number): EncoderLike;
  writeString(value: string): EncoderLike;
}

const TIME_MS = 1_790_000_000_000;
const RECORDS = [
  { topic: 'quote', partition: 2, key: 'BTCUSDT.BINANCE', value: Buffer.from('a') },
  { topic: 'цена', partition: 0, key: '鍵', value: null, headers: { trace: 'ü', empty: '' } },
  { topic: 'quote', partition: 2, key: '', value: Buffer.alloc(70_000, 1) },
  { topic: 'quote', partition: 5, key: 'k'.repeat(90), value: Buffer.alloc(0) },
];
const PARTITIONS = byPartition(RECORDS.map((record) => ({ record, partition: record.partition })));

describe('a produce request', () => {
  test('is, byte for byte, what kafkajs sends', async () => {
    const topics = [...new Set(RECORDS.map(({ topic }) => topic))];
    const expected = await createRequest({
      correlationId: 77,
      clientId: 'feed-ü',
      request: requestOf({
        ...{ acks: 1, timeout: 4000, producerId: -1, producerEpoch: -1 },
        topicData: topics.map((topic) => ({
          topic,
          partitions: PARTITIONS.filter((group) => group.topic === topic).map(
            ({ partition, records }) => ({
              partition,
              firstSequence: -1,
              messages: records.map(({ key, ...record }) => ({
                ...{ ...record, key: Buffer.from(key), timestamp: `${TIME_MS}` },
              })),
            }),
          ),
        })),
      }),
    });
    const written = produceRequest({
      ...{ correlationId: 77, clientId: 'feed-ü', timeMs: TIME_MS, timeoutMs: 4000 },
      partitions: PARTITIONS,
    });
    expect(written.equals(expected.buffer)).toBe(true);
  });

  test('is answered per partition', () => {
    const answer = new Encoder().writeInt32(2);
    answer.writeString('цена').writeInt32(1);
    answer.writeInt32(0).writeInt16(6).writeInt64(-1).writeInt64(-1).writeInt64(-1);
    answer.writeString('quote').writeInt32(2);
    answer.writeInt32(5).writeInt16(0).writeInt64(9).writeInt64(-1).writeInt64(3);
    answer.writeInt32(2).writeInt16(29).writeInt64(-1).writeInt64(-1).writeInt64(-1);
    answer.writeInt32(250);
    expect(readProduceResponse(answer.buffer)).toEqual({
      throttleMs: 250,
      partitions: [
        { topic: 'цена', partition: 0, errorCode: 6 },
        { topic: 'quote', partition: 5, errorCode: 0 },
        { topic: 'quote', partition: 2, errorCode: 29 },
      ],
    });
  });
});
