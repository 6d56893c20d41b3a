import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readHistoryFile } from '../src/history-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cerberus-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(...lines: string[]) {
  const file = join(folder, 'closes.csv');
  writeFileSync(file, lines.join('\n'));
  return readHistoryFile(file);
}

const HEADER = 'date,underlying,close';

test('closes are read, empty lines and both line ends taken', () => {
  expect(read(`${HEADER}\r`, '1970-01-02,BTC,100.5\r', '', '2024-02-29,ETH,1e3', '')).toEqual({
    ok: true,
    value: [
      { underlying: 'BTC', day: 1, close: 100.5 },
      // 54 years of 365 days, 13 leap days before 2024, 31 days of January and 28 of February.
      { underlying: 'ETH', day: 54 * 365 + 13 + 31 + 28, close: 1000 },
    ],
  });
});

test.each([
  ['a header that is another', ['day,name,price'], ':1', ''],
  ['a column too many', [HEADER, '2024-01-01,BTC,1,2'], ':2', ''],
  ['a date that is none', [HEADER, '2024-01-01,BTC,1', '1.2.2024,BTC,1'], ':3', 'column date'],
  ['30 February', [HEADER, '2024-02-30,BTC,1'], ':2', 'column date'],
  ['an underlying in small letters', [HEADER, '2024-01-01,btc,1'], ':2', 'column underlying'],
  ['no price', [HEADER, '2024-01-01,BTC,'], ':2', 'column close'],
  ['a negative price', [HEADER, '2024-01-01,BTC,-1'], ':2', 'column close'],
  ['a price that is no number', [HEADER, '2024-01-01,BTC,0x10'], ':2', 'column close'],
  ['a price beyond a double', [HEADER, '2024-01-01,BTC,1e309'], ':2', 'column close'],
  ['a day twice', [HEADER, '2024-01-01,BTC,1', '2024-01-01,BTC,2'], ':3', 'column date'],
])('%s is refused with line and column', (_what, lines, line, column) => {
  const result = read(...lines);
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.error.path).toContain(`closes.csv${line}`);
  expect(result.error.path).toContain(column);
});

test('a file that is not there is named', () => {
  const result = readHistoryFile(join(folder, 'missing.csv'));
  expect(result).toMatchObject({ ok: false, error: { path: join(folder, 'missing.csv') } });
});
