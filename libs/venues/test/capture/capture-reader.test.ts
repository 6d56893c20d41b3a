import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type CaptureLine, CaptureReader, CaptureWriter } from '@cerberus/venues';
import { afterAll, describe, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LINES: CaptureLine[] = Array.from({ length: 5000 }, (_, i) => ({
  localTimeNs: 1723161253937085768n + BigInt(i),
  text: `{"i":${i},"pad":"${'é'.repeat(i % 40)}"}`,
}));
const TEXT = LINES.map((line) => `${line.localTimeNs} ${line.text}\n`).join('');

async function read(path: string) {
  const reader = new CaptureReader(path);
  const lines: CaptureLine[] = [];
  for await (const line of reader) lines.push(line);
  return { lines, end: reader.end };
}

const CLEAN = { lines: 5000, badLines: 0, truncatedTail: false, streamError: undefined };

describe('CaptureReader', () => {
  test.each(['plain.txt', 'packed.txt.gz'])('reads what the writer wrote: %s', async (name) => {
    const writer = new CaptureWriter(join(folder, name));
    for (const line of LINES) if (!writer.write(line)) await writer.drained();
    await writer.close();
    expect(await read(join(folder, name))).toEqual({ lines: LINES, end: CLEAN });
  });

  test('appending to a compressed file makes one readable file', async () => {
    const path = join(folder, 'appended.gz');
    for (const half of [LINES.slice(0, 2500), LINES.slice(2500)]) {
      const writer = new CaptureWriter(path);
      for (const line of half) writer.write(line);
      await writer.close();
    }
    expect(await read(path)).toEqual({ lines: LINES, end: CLEAN });
  });

  test('a last line cut short is reported and not delivered', async () => {
    const path = join(folder, 'cut.txt');
    writeFileSync(path, TEXT.slice(0, -5));
    const { lines, end } = await read(path);
    expect(lines).toHaveLength(4999);
    expect(end).toEqual({ ...CLEAN, lines: 4999, truncatedTail: true });
  });

  test('a gzip file cut short delivers what it holds and reports the damage', async () => {
    const path = join(folder, 'cut.gz');
    const packed = gzipSync(TEXT);
    writeFileSync(path, packed.subarray(0, packed.length - 400));
    const { lines, end } = await read(path);
    expect(lines.length).toBeGreaterThan(4500);
    expect(lines).toEqual(LINES.slice(0, lines.length));
    expect(end.streamError).toMatch(/unexpected end/);
  });

  test('garbage after a gzip member is reported, everything before it delivered', async () => {
    const path = join(folder, 'garbage.gz');
    writeFileSync(path, gzipSync(TEXT));
    appendFileSync(path, gzipSync('more').fill(0xff, 12));
    const { lines, end } = await read(path);
    expect(lines).toEqual(LINES);
    expect(end.streamError).toBeDefined();
  });

  test('lines without a time stamp are counted', async () => {
    const path = join(folder, 'bad.txt');
    writeFileSync(path, `${TEXT}no time stamp\n\n12x {}\n`);
    expect((await read(path)).end).toEqual({ ...CLEAN, lines: 5003, badLines: 3 });
  });

  test('a missing file is reported', async () => {
    expect((await read(join(folder, 'absent'))).end.streamError).toMatch(/ENOENT/);
  });

  test('plain capture text is the documented form', () => {
    expect(readFileSync(join(folder, 'plain.txt'), 'utf8')).toBe(TEXT);
  });
});
