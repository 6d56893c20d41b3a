import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isArbitrageFree } from '@cerberus/surface';
import { describe, expect, test } from '@jest/globals';
import { fitChain, insideShare } from '../../src/chains/chain-surface.ts';
import { REPORT_CHAINS } from '../../src/commands/surface-report.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DATA = join(SHARED, 'data', 'options');

/** Least share of two-sided out-of-the-money quotes inside bid-ask beyond seven days. */
const GOALS: Readonly<Record<string, number>> = {
  'spx-2022-06-10': 0.9,
  'spy-2023-09-14': 0.9,
  'spx-2026-01-30': 0.9,
  'goog-2015-12-24': 0.95,
  'btc-2025-12-05': 0.95,
};

for (const { name, file, request } of REPORT_CHAINS) {
  const path = join(DATA, file);
  const isPresent = existsSync(path);
  const suite = isPresent ? describe : describe.skip;
  suite(`recorded chain ${name}${isPresent ? '' : ' (shared/data is absent)'}`, () => {
    test('is fitted whole, without arbitrage, inside bid and ask', () => {
      const chain = fitChain({ path, ...request });
      const { certificate } = chain.fitted;
      expect(certificate).toMatchObject({
        moneynessPoints: 400,
        maturities: 60,
        butterflyViolations: 0,
        calendarViolations: 0,
        wingViolations: 0,
      });
      expect(isArbitrageFree(certificate)).toBe(true);
      expect(chain.fitted.rung).toBe('corrected-svi');
      expect(insideShare(chain.expiries).share).toBeGreaterThanOrEqual(GOALS[name]!);
      expect(chain.expiries.length).toBe(chain.smiles.smiles.length);
      for (const metrics of chain.metrics) {
        expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      }
    });
  });
}
