import { unwrap } from '@cerberus/core';
import { historicalScenarioPnl, historicalVar, taylorRevaluation } from '@cerberus/risk';
import { expect, test } from '@jest/globals';

const BTC = [0.02, -0.1, 0.05, -0.03];
const VIX = [-0.01, 0.08, 0, 0.02];

test('the book meets each day of history as it was', () => {
  const revalue = unwrap(taylorRevaluation({ delta: [1000, 50], carry: -1 }));
  const pnl = unwrap(historicalScenarioPnl([BTC, VIX], revalue));
  expect(pnl[1]).toBeCloseTo(-100 + 4 - 1, 12);
  expect(unwrap(historicalVar(pnl, { confidence: 0.75 })).valueAtRisk).toBeCloseTo(97, 12);
});

test('a missing day and a revaluation without a number are refused by name', () => {
  const revalue = unwrap(taylorRevaluation({ delta: [1, 1] }));
  expect(historicalScenarioPnl([BTC, VIX.slice(1)], revalue)).toMatchObject({
    error: { code: 'CRB_RISK_LENGTH_MISMATCH', path: 'columns[1]' },
  });
  const broken = historicalScenarioPnl([BTC], (_, count, pnl) => pnl.fill(Number.NaN, 2, count));
  expect(broken).toMatchObject({
    error: { code: 'CRB_RISK_REVALUATION_NOT_FINITE', path: 'scenario 2' },
  });
});
