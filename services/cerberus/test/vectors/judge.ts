import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { VectorCase, VectorFile, VectorTopic } from '../../src/vectors/topic.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');

/** What is wrong with one case, or undefined where every value is inside its tolerance. */
export type Judge = (
  item: VectorCase,
  computed: Readonly<Record<string, unknown>>,
) => string | undefined;

/** |x − ref| ≤ relative·|ref| + absolute, numbers and null only. */
export function isNear(
  computed: unknown,
  reference: unknown,
  tolerance: { readonly relative?: number; readonly absolute?: number },
): boolean {
  if (typeof computed !== 'number' || typeof reference !== 'number') return computed === reference;
  const bound = (tolerance.relative ?? 0) * Math.abs(reference) + (tolerance.absolute ?? 0);
  return Math.abs(computed - reference) <= bound;
}

/** The first value of a case that differs by more than the tolerance its name has. */
export function firstDifference(
  item: VectorCase,
  computed: Readonly<Record<string, unknown>>,
  toleranceOf: (name: string) => { readonly relative?: number; readonly absolute?: number },
): string | undefined {
  for (const [name, reference] of Object.entries(item.expected)) {
    if (!isNear(computed[name], reference, toleranceOf(name))) {
      return `${name}: computed ${computed[name]}, reference ${reference}`;
    }
  }
  return undefined;
}

/** Runs every case of a topic's file; one test per file, naming each case that fails. */
export function describeTopic(topic: VectorTopic, judge: Judge): void {
  const path = join(SHARED, 'vectors', topic.file);
  const isPresent = existsSync(path);
  const suite = isPresent ? describe : describe.skip;
  suite(`reference vectors ${topic.file}${isPresent ? '' : ' (shared/vectors is absent)'}`, () => {
    test('every case is inside the tolerance of the file', () => {
      const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile;
      const failures: string[] = [];
      for (const item of file.cases) {
        const verdict = judge(item, topic.evaluate(item.inputs, file));
        if (verdict !== undefined) failures.push(`${item.id} ${verdict}`);
      }
      expect(file.cases.length).toBeGreaterThan(0);
      expect(failures).toEqual([]);
    });
  });
}
