import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { deviations } from '../deviation.ts';
import { judgeFolder } from '../verdict.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const FOLDER = join(SHARED, 'vectors');
const isPresent = existsSync(FOLDER);

describe('the judge', () => {
  const within = () => ({ absolute: 0.1 });

  test('measures each leaf in tolerances and calls a missing one infinitely far', () => {
    const found = deviations({ a: [1, 2.05] }, { a: [1, 2], b: 3 }, within);
    expect(found.map(({ path }) => path)).toEqual(['a.0', 'a.1', 'b']);
    expect(found[1]!.ratio).toBeCloseTo(0.5);
    expect(found[2]!.ratio).toBe(Number.POSITIVE_INFINITY);
  });

  test('does not take a longer list, a flag or a text for equal', () => {
    const judged = (computed: unknown, reference: unknown) =>
      Math.max(...deviations({ x: computed }, { x: reference }, within).map(({ ratio }) => ratio));
    expect(judged([1, 2], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(judged(true, false)).toBe(Number.POSITIVE_INFINITY);
    expect(judged('ok', 'price_zero')).toBe(Number.POSITIVE_INFINITY);
    expect(judged(0, null)).toBe(Number.POSITIVE_INFINITY);
    expect(judged(null, null)).toBe(0);
  });
});

const suite = isPresent ? describe : describe.skip;
suite(`reference vectors${isPresent ? '' : ' (shared/vectors is absent)'}`, () => {
  test('every case of every file lies inside the tolerance of its file', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'cerberus-accuracy-'));
    try {
      const out = join(scratch, 'computed.ndjson');
      const args = ['services/cerberus/src/main.ts', 'vectors', '--in', FOLDER, '--out', out];
      expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).status).toBe(0);
      const verdicts = judgeFolder(FOLDER, readFileSync(out, 'utf8'));
      expect(verdicts.flatMap(({ outside }) => outside)).toEqual([]);
      expect(verdicts.length).toBeGreaterThan(0);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }, 120_000);
});
