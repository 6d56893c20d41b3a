import { unwrap } from '@cerberus/core';
import {
  attributeByFactor,
  concentration,
  decomposeScenarios,
  historicalVar,
  ScenarioTail,
} from '@cerberus/risk';
import { QUANTILE_TYPES } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const money = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const pnl = fc.array(money, { minLength: 1, maxLength: 120 });
const confidence = fc.constantFrom(0.5, 0.9, 0.95, 0.975, 0.99, 0.999);

describe('properties of loss quantiles', () => {
  test('ES is at least VaR, and both lie within the outcomes, for every quantile type', () => {
    fc.assert(
      fc.property(pnl, confidence, (outcomes, c) => {
        const worst = -Math.min(...outcomes);
        const best = -Math.max(...outcomes);
        const slack = 1e-9 * (1 + Math.abs(worst));
        const plain = unwrap(historicalVar(outcomes, { confidence: c }));
        expect(plain.expectedShortfall).toBeGreaterThanOrEqual(plain.valueAtRisk - slack);
        for (const quantileType of QUANTILE_TYPES) {
          const { valueAtRisk } = unwrap(historicalVar(outcomes, { confidence: c, quantileType }));
          expect(valueAtRisk).toBeLessThanOrEqual(worst + slack);
          expect(valueAtRisk).toBeGreaterThanOrEqual(best - slack);
        }
      }),
    );
  });

  test('adding cash moves both by the cash, scaling scales both', () => {
    fc.assert(
      fc.property(pnl, confidence, fc.double({ min: 0, max: 100, noNaN: true }), (x, c, k) => {
        const base = unwrap(historicalVar(x, { confidence: c }));
        const moved = unwrap(
          historicalVar(
            x.map((v) => k * v + 1000),
            { confidence: c },
          ),
        );
        const slack = 1e-6 * (1 + Math.abs(base.expectedShortfall)) * (1 + k);
        expect(Math.abs(moved.valueAtRisk - (k * base.valueAtRisk - 1000))).toBeLessThan(slack);
        expect(
          Math.abs(moved.expectedShortfall - (k * base.expectedShortfall - 1000)),
        ).toBeLessThan(slack);
      }),
    );
  });

  test('expected shortfall is subadditive', () => {
    const pair = fc.integer({ min: 1, max: 60 }).chain((n) => {
      const column = fc.array(money, { minLength: n, maxLength: n });
      return fc.tuple(column, column);
    });
    fc.assert(
      fc.property(pair, confidence, ([a, b], c) => {
        const es = (x: number[]): number =>
          unwrap(historicalVar(x, { confidence: c })).expectedShortfall;
        const sum = es(a.map((v, i) => v + b[i]!));
        expect(sum).toBeLessThanOrEqual(es(a) + es(b) + 1e-3);
      }),
    );
  });

  test('the selecting and the sorting definition agree', () => {
    fc.assert(
      fc.property(pnl, confidence, (outcomes, c) => {
        const tail = unwrap(ScenarioTail.create(outcomes.length, c));
        expect(tail.measure(outcomes)).toBeUndefined();
        const sorted = unwrap(historicalVar(outcomes, { confidence: c }));
        expect(tail.valueAtRisk).toBe(sorted.valueAtRisk);
        const slack = 1e-9 * (1 + Math.max(...outcomes.map(Math.abs)));
        expect(Math.abs(tail.expectedShortfall - sorted.expectedShortfall)).toBeLessThan(slack);
      }),
    );
  });
});

test('components add up for any scenarios', () => {
  const book = fc
    .integer({ min: 2, max: 40 })
    .chain((n) =>
      fc.array(fc.array(money, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 5 }),
    );
  fc.assert(
    fc.property(book, confidence, (positions, c) => {
      const parts = unwrap(decomposeScenarios(positions, { confidence: c }));
      const sum = (x: Float64Array): number => x.reduce((p, q) => p + q, 0);
      const scale = 1e-6 * (1 + Math.max(...positions.flat().map(Math.abs)));
      expect(Math.abs(sum(parts.componentShortfall) - parts.expectedShortfall)).toBeLessThan(scale);
      expect(Math.abs(sum(parts.componentVar) - parts.valueAtRisk)).toBeLessThan(scale);
    }),
  );
});

test('concentration lies between equal shares and one position', () => {
  const values = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(values, (x) => {
      const c = unwrap(concentration(x));
      expect(c.score).toBeGreaterThanOrEqual(-1e-12);
      expect(c.score).toBeLessThanOrEqual(1 + 1e-12);
      expect(c.largestShare).toBeGreaterThanOrEqual(1 / x.length - 1e-12);
    }),
  );
});

test('factor attribution and its remainder give the actual P&L', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(money, money), { minLength: 1, maxLength: 8 }),
      money,
      (rows, actual) => {
        const result = unwrap(
          attributeByFactor(
            rows.map(([x]) => x),
            rows.map(([, m]) => m / 1e9),
            actual,
          ),
        );
        expect(Math.abs(result.explained + result.specific - actual)).toBeLessThan(1e-3);
      },
    ),
  );
});
