import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cerberus, inScratch } from './command-line.ts';

const option = { type: 'call', S: 100, K: 100, T: 1, r: 0.05, q: 0, sigma: 0.2 };

describe('cerberus vectors', () => {
  test('every case is one line, and what is unknown says so on its own line', async () => {
    const files = {
      'bsm_greeks.json': JSON.stringify({
        topic: 'bsm_greeks',
        cases: [
          { id: 'good', inputs: option, expected: { price: 0 } },
          { id: 'bad', inputs: { ...option, S: -1 }, expected: {} },
          { id: 'shapeless', expected: {} },
        ],
      }),
      'renamed.json': JSON.stringify({
        topic: 'normal_distribution',
        cases: [{ id: 'n', inputs: { x: 0 }, expected: {} }],
      }),
      'strange.json': JSON.stringify({ topic: 'weather', cases: [{ id: 'w', inputs: {} }] }),
      'torn.json': '{"topic": "bsm_greeks", "cases": [',
    };
    await inScratch(files, async (path) => {
      const run = await cerberus(['vectors', '--in', path('.'), '--out', path('out.ndjson')]);
      expect(run.code).toBe(0);
      const lines = readFileSync(path('out.ndjson'), 'utf8').trim().split('\n');
      const [good, bad, shapeless, renamed, strange, torn] = lines.map((line) => JSON.parse(line));
      // Haug's textbook case: 10.450583572185565 (50-digit closed form).
      expect(good).toMatchObject({ file: 'bsm_greeks.json', id: 'good' });
      expect(good.price).toBeCloseTo(10.450583572185565, 12);
      expect(bad).toMatchObject({ id: 'bad', error: 'CRB_PRICING_NEGATIVE' });
      expect(shapeless).toMatchObject({ error: 'CRB_CLI_VECTOR_CASE_FAILED' });
      expect(renamed).toMatchObject({ file: 'renamed.json', cdf: 0.5 });
      expect(strange).toMatchObject({ id: 'w', error: 'CRB_CLI_VECTOR_TOPIC_UNKNOWN' });
      expect(torn).toMatchObject({ file: 'torn.json', error: 'CRB_CLI_INPUT_INVALID' });
    });
  });

  test('a folder that is not there is bad input and leaves no file behind', async () => {
    await inScratch({}, async (path) => {
      const run = await cerberus(['vectors', '--in', path('none'), '--out', path('out.ndjson')]);
      expect(run.code).toBe(2);
      expect(run.stderr).toContain('CRB_CLI_INPUT_UNREADABLE');
      expect(existsSync(path('out.ndjson'))).toBe(false);
    });
  });
});
