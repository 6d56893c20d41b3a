import { deadLetter, type IncomingRecord } from '@cerberus/bus';
import { epochUs } from '@cerberus/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cerberus } from './command-line.ts';
import { LogFolder } from './log-folder.ts';

let folder: LogFolder;
const dlq = (...args: string[]) => cerberus(['dlq', ...args, '--data-dir', folder.path]);

beforeAll(async () => {
  folder = new LogFolder();
  const { writer, close } = await folder.open();
  const hostile: IncomingRecord = {
    ...{ topic: 'fill', partition: 4, offset: 7n, key: 'demo\u001b[2J', value: Buffer.from([1]) },
    ...{ headers: {}, timestampUs: epochUs(1) },
  };
  await writer.append([deadLetter(hostile, 'tca', { reason: 'CRB_X', detail: '\u009b2J' })]);
  await close();
});
afterAll(() => folder.remove());

describe('cerberus dlq', () => {
  test('ls counts by topic; a topic without letters is said to have none', async () => {
    const all = await dlq('ls');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toMatch(/^fill +1 +0 +tca +CRB_X 1 +\d{4}-/m);
    const none = await dlq('ls', '--topic', 'order.event');
    expect(none).toMatchObject({ code: 0, stdout: 'no dead letters\n' });
  }, 60_000);

  test('show names place, reason and bytes, and quotes what a terminal would obey', async () => {
    const { code, stdout } = await dlq('show', 'fill.dlq', '--partition', '4', '--offset', '0');
    expect(code).toBe(0);
    expect(stdout).toContain('source   fill/4@7');
    expect(stdout).toContain('key      "demo\\u001b[2J"');
    expect(stdout).toContain('hex      01');
    expect(stdout).toContain('decodes  no: not a framed Avro message (CRB_SCHEMA_FRAME_INVALID)');
    for (const control of ['\u001b', '\u009b']) expect(stdout).not.toContain(control);
  }, 60_000);

  test.each([
    ['an unknown topic', ['show', 'order.reqest'], 'CRB_DLQ_TOPIC_UNKNOWN'],
    ['a topic without letters', ['show', 'order.event'], 'CRB_DLQ_EMPTY'],
    ['a partition beyond', ['show', 'fill', '--partition', '99'], 'CRB_CLI_OPTION_INVALID'],
    ['an offset alone', ['show', 'fill', '--offset', '1'], 'CRB_CLI_OPTION_INVALID'],
    [
      'an offset without a letter',
      ['replay', 'fill', '--partition', '4', '--offset', '9'],
      'CRB_DLQ_LETTER_UNKNOWN',
    ],
    ['a replay of nothing named', ['replay', 'fill'], 'CRB_CLI_OPTION_INVALID'],
    ['a stream', ['replay', 'md.quote', '--all'], 'CRB_DLQ_STREAM_NOT_REPLAYABLE'],
  ])(
    '%s is refused by code',
    async (_what, args, code) => {
      const run = await dlq(...args);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toContain(code);
    },
    60_000,
  );

  test('a folder without a log is refused, and not made', async () => {
    const run = await cerberus(['dlq', 'ls', '--data-dir', `${folder.path}-none`]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('CRB_DLQ_LOG_MISSING');
    const again = await cerberus(['dlq', 'ls', '--data-dir', `${folder.path}-none`]);
    expect(again.stderr).toContain('CRB_DLQ_LOG_MISSING');
  }, 60_000);
});
