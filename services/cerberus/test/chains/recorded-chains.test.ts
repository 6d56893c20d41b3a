import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  durrleman,
  isArbitrageFree,
  type VolatilitySurface,
  variancePoint,
} from '@cerberus/surface';
import { describe, expect, test } from '@jest/globals';
import { fitChain, insideShare } from '../../src/chains/chain-surface.ts';
import { REPORT_CHAINS } from '../../src/commands/surface-report.ts';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DATA = join(SHARED, 'data', 'options');

/** Whole chains take seconds each inside the test runner, more on a loaded machine. */
const TIMEOUT_MS = 180_000;

/** Least share of two-sided out-of-the-money quotes inside bid-ask beyond seven days. */
const GOALS: Readonly<Record<string, number>> = {
  'spx-2022-06-10': 0.9,
  'spy-2023-09-14': 0.9,
  'spx-2026-01-30': 0.9,
  'goog-2015-12-24': 0.95,
  'btc-2025-12-05': 0.95,
};

/** Violations on a grid that shares no point with the certificate's but the money. */
function violationsElsewhere(surface: VolatilitySurface): number {
  const times = surface.expiries.map(({ timeYears }) => timeYears);
  const point = variancePoint();
  const before = new Float64Array(1001);
  let count = 0;
  const look = (timeYears: number) => {
    for (let i = 0; i <= 1000; i++) {
      const k = 4 * ((i - 500) / 500) ** 3;
      surface.pointUnchecked(k, timeYears, point);
      if (!(durrleman(k, point) >= -1e-10) || point.w < before[i]! - 1e-12) count += 1;
      before[i] = point.w;
    }
  };
  look(0.7 * times[0]!);
  for (const [row, time] of times.entries()) {
    look(time);
    const next = times[row + 1] ?? 1.1 * time;
    for (const share of [0.15, 0.4, 0.6, 0.85]) look(time + share * (next - time));
  }
  return count;
}

for (const { name, file, request } of REPORT_CHAINS) {
  const path = join(DATA, file);
  const isPresent = existsSync(path);
  const suite = isPresent ? describe : describe.skip;
  suite(`recorded chain ${name}${isPresent ? '' : ' (shared/data is absent)'}`, () => {
    test(
      'is fitted whole, without arbitrage, inside bid and ask',
      () => {
        const chain = fitChain({ path, ...request });
        const { certificate } = chain.fitted;
        expect(certificate).toMatchObject({
          moneynessPoints: 400,
          butterflyViolations: 0,
          calendarViolations: 0,
          wingViolations: 0,
        });
        expect(certificate.maturities).toBeGreaterThanOrEqual(60);
        expect(isArbitrageFree(certificate)).toBe(true);
        expect(violationsElsewhere(chain.fitted.surface)).toBe(0);
        expect(chain.fitted.rung).toBe('corrected-svi');
        expect(insideShare(chain.expiries).share).toBeGreaterThanOrEqual(GOALS[name]!);
        expect(chain.expiries.length).toBe(chain.smiles.smiles.length);
        for (const metrics of chain.metrics) {
          expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
        }
      },
      TIMEOUT_MS,
    );
  });
}
