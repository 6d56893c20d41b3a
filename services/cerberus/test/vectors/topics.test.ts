import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
// The rules that docs/accuracy.md is judged by: stated once, for the page and for the tests.
import { RULES } from '../../../../tools/accuracy/rules.ts';
import type { VectorFile } from '../../src/vectors/topic.ts';
import { topicOf } from '../../src/vectors/topics.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const FOLDER = join(SHARED, 'vectors');
const isPresent = existsSync(FOLDER);
const suite = isPresent ? describe : describe.skip;

test('every rule has a kernel that answers its file', () => {
  const unanswered = Object.keys(RULES).filter((name) => topicOf(undefined, name) === undefined);
  expect(unanswered).toEqual([]);
});

suite(`reference vectors${isPresent ? '' : ' (shared/vectors is absent)'}`, () => {
  const names = isPresent ? readdirSync(FOLDER).filter((name) => name.endsWith('.json')) : [];

  test.each(names)(
    '%s: every case is inside the tolerance of the file',
    (name) => {
      const file = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as VectorFile;
      const [topic, rule] = [topicOf(file.topic, name), RULES[name]];
      expect(topic).toBeDefined();
      expect(rule).toBeDefined();
      expect(file.cases.length).toBeGreaterThan(0);
      const failures = file.cases.flatMap((item) => {
        const judged = rule!.judge(item, topic!.evaluate(item.inputs, file));
        // A ratio that is not a number is no agreement either.
        const outside = judged.filter(({ ratio }) => !(ratio <= 1));
        const isJudged = judged.length > 0 || Object.keys(item.expected).length === 0;
        return [
          ...outside.map(({ path, ratio }) => `${item.id} ${path}: ${ratio} tolerances`),
          ...(isJudged ? [] : [`${item.id}: nothing judged`]),
        ];
      });
      expect(failures).toEqual([]);
    },
    120_000,
  );
});
