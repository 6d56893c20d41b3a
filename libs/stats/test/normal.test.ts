import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  erf,
  erfc,
  erfcx,
  millsRatio,
  normalCdf,
  normalLogCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  upperTailGivenPdf,
} from '../src/index.ts';

/** Reference: 50-digit arithmetic, with the file's own tolerances. */
const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const FILE = join(SHARED, 'vectors', 'normal_distribution.json');

interface Case {
  id: string;
  kind: string;
  inputs: { x?: number; p?: number };
  expected: Record<string, number>;
}

const FUNCTIONS: Record<string, (x: number) => number> = {
  pdf: normalPdf,
  cdf: normalCdf,
  sf: normalSf,
  log_cdf: normalLogCdf,
  erf,
  erfc,
};

/**
 * Two stored values carry the noise of 50-digit arithmetic and are read as what they mean: ln Φ(15),
 * stored as −4.009e-51, where ln(1 − ε) = −ε and the same case stores ε = 3.671e-51; and the quantile
 * of ½, stored as 7e-53 for zero.
 */
function referenceOf({ inputs, expected }: Case, name: string): number {
  const stored = expected[name]!;
  if (name === 'log_cdf' && inputs.x! > 12) return -expected['sf']!;
  return inputs.p === 0.5 ? 0 : stored;
}

function relativeError(value: number, reference: number): number {
  if (value === reference) return 0;
  // Densities and tails in the subnormal range carry fewer digits than a tolerance can ask for.
  if (Math.abs(reference) < 2.3e-308) return Math.abs(value - reference) < 1e-320 ? 0 : 1;
  return Math.abs(value - reference) / Math.abs(reference);
}

/** The error itself where it is inside the bound, so that a failed comparison shows both. */
function within(error: number, bound: number): number {
  return error <= bound ? error : bound;
}

const withVectors = existsSync(FILE) ? describe : describe.skip;

withVectors('normal distribution against 50-digit references (shared/vectors)', () => {
  const cases: Case[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')).cases : [];

  test('density, both tails, log and error function to 1e-12 relative', () => {
    for (const item of cases.filter(({ kind }) => kind === 'cdf')) {
      for (const name of Object.keys(item.expected)) {
        const error = relativeError(FUNCTIONS[name]!(item.inputs.x!), referenceOf(item, name));
        expect({ id: item.id, name, error }).toEqual({
          id: item.id,
          name,
          error: within(error, 1e-12),
        });
      }
    }
  });

  test('quantile to 1e-12 relative, 1e-9 next to one', () => {
    for (const item of cases.filter(({ kind }) => kind !== 'cdf')) {
      const error = relativeError(normalQuantile(item.inputs.p!), referenceOf(item, 'x'));
      const bound = item.inputs.p! < 0.999 ? 1e-12 : 1e-9;
      expect({ id: item.id, error }).toEqual({ id: item.id, error: within(error, bound) });
    }
  });
});

describe('normal distribution', () => {
  test('has its limits at infinity', () => {
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalPdf(Number.POSITIVE_INFINITY)).toBe(0);
    expect(normalLogCdf(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(erf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(erfc(Number.NEGATIVE_INFINITY)).toBe(2);
  });

  test('refuses what is not a number or not a probability', () => {
    expect(() => normalCdf(Number.NaN)).toThrow();
    expect(() => normalLogCdf(Number.NaN)).toThrow();
    expect(() => normalQuantile(Number.NaN)).toThrow();
    expect(() => normalQuantile(-0.1)).toThrow();
    expect(() => normalQuantile(1.1)).toThrow();
    expect(() => erfc(Number.NaN)).toThrow();
  });

  test('kernel forms agree with the plain ones', () => {
    for (let x = 0; x <= 37; x += 0.173) {
      expect(relativeError(upperTailGivenPdf(x, normalPdf(x)), normalSf(x))).toBeLessThan(1e-15);
      expect(relativeError(millsRatio(x) * normalPdf(x), normalSf(x))).toBeLessThan(2e-15);
    }
    for (let x = -5; x <= 5; x += 0.0917) {
      expect(relativeError(erfcx(x) * Math.exp(-x * x), erfc(x))).toBeLessThan(2e-14);
    }
  });

  test('quantile inverts the distribution function', () => {
    for (let x = -37; x < 5; x += 0.0371) {
      expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-9 + 1e-13 * Math.abs(x));
    }
  });
});
