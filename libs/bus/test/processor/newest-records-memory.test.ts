import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { epochUs } from '@cerberus/core';
import { Metrics } from '@cerberus/runtime';
import { expect, test } from '@jest/globals';
import { NewestRecords } from '../../src/processor/newest-records.ts';

const VALUE_BYTES = 1024 * 1024;
const ROUNDS = 60;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;

test('what has been handed over can be collected with the young', () => {
  const newest = new NewestRecords({
    reader: 'test',
    metrics: new Metrics('test'),
    onRecord: () => undefined,
  });
  // Twice survived is old, as the reader of a quiet topic is.
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < ROUNDS; round += 1) {
    newest.add({
      ...{ topic: 't', partition: 0, offset: BigInt(round), key: 'k', headers: {} },
      ...{ value: Buffer.alloc(VALUE_BYTES), timestampUs: epochUs(0) },
    });
    newest.drain();
    collect({ type: 'minor' });
  }
  newest.stop();
  const kept = (process.memoryUsage().arrayBuffers - before) / VALUE_BYTES;
  expect(kept).toBeLessThan(ROUNDS / 4);
});
