import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  continuousSchedule,
  efficientFrontier,
  optimalSchedule,
  type ProgrammeInputs,
  type ScheduleInputs,
} from '@cerberus/algos';
import { unwrap } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';

const PAPER: ProgrammeInputs = {
  shares: 1e6,
  horizon: 5,
  periods: 5,
  volatility: 0.95,
  fixedCost: 0.0625,
  permanentImpact: 2.5e-7,
  temporaryImpact: 2.5e-6,
};

/** E + λV of any holdings, from the paper's sums alone. */
function utilityOf(inputs: ScheduleInputs, holdings: ArrayLike<number>): number {
  const tau = inputs.horizon / inputs.periods;
  const adjusted = inputs.temporaryImpact - (inputs.permanentImpact * tau) / 2;
  let utility = (inputs.permanentImpact * inputs.shares ** 2) / 2;
  for (let k = 1; k <= inputs.periods; k++) {
    const trade = holdings[k - 1]! - holdings[k]!;
    utility += inputs.fixedCost * Math.abs(trade) + (adjusted / tau) * trade ** 2;
    utility -= (inputs.drift ?? 0) * tau * holdings[k]!;
    utility += inputs.riskAversion * inputs.volatility ** 2 * tau * holdings[k]! ** 2;
  }
  return utility;
}

describe('optimal schedule', () => {
  const cases: readonly (readonly [string, Partial<ScheduleInputs>])[] = [
    ['plain', { riskAversion: 1e-6 }],
    ['drift', { riskAversion: 1e-6, drift: 0.03 }],
    ['drift without risk aversion', { riskAversion: 0, drift: 0.03 }],
    ['risk seeking', { riskAversion: -2e-7 }],
    ['buy programme', { riskAversion: 5e-6, shares: -3e5, periods: 12 }],
  ];

  test.each(cases)('%s: no neighbouring schedule is better', (_, changes) => {
    const inputs: ScheduleInputs = { ...PAPER, riskAversion: 0, ...changes };
    const { holdings, trades, utility } = unwrap(optimalSchedule(inputs));
    expect(utility / utilityOf(inputs, holdings)).toBeCloseTo(1, 12);
    for (let k = 1; k < inputs.periods; k++) {
      for (const step of [-100, 100]) {
        const moved = Float64Array.from(holdings);
        moved[k]! += step;
        expect(utilityOf(inputs, moved)).toBeGreaterThan(utility);
      }
      expect(trades[k]).toBeCloseTo(holdings[k]! - holdings[k + 1]!, 4);
    }
    expect(holdings[0]).toBeCloseTo(inputs.shares, 6);
    expect(holdings.at(-1)).toBeCloseTo(0, 6);
  });

  test('many short periods approach the continuous solution', () => {
    const inputs = { ...PAPER, periods: 5000, riskAversion: 1e-6 };
    const discrete = unwrap(optimalSchedule(inputs));
    const continuous = unwrap(continuousSchedule(inputs));
    expect(discrete.urgency / continuous.urgency).toBeCloseTo(1, 4);
    expect(discrete.holdings[2500]! / continuous.holdings[2500]!).toBeCloseTo(1, 3);
  });

  test('extreme urgency sells at once instead of overflowing', () => {
    const schedule = unwrap(optimalSchedule({ ...PAPER, periods: 500, riskAversion: 1e6 }));
    expect(schedule.trades[0]! / PAPER.shares).toBeCloseTo(1, 6);
    expect(schedule.holdings.every(Number.isFinite)).toBe(true);
  });

  test('along the frontier cost rises as risk falls', () => {
    const points = unwrap(efficientFrontier(PAPER, [0, 1e-8, 1e-7, 1e-6, 1e-5]));
    for (let i = 1; i < points.length; i++) {
      expect(points[i]!.expectedCost).toBeGreaterThan(points[i - 1]!.expectedCost);
      expect(points[i]!.variance).toBeLessThan(points[i - 1]!.variance);
    }
  });

  test('refusals', () => {
    expect(optimalSchedule({ ...PAPER, riskAversion: -1e-4 })).toMatchObject({
      error: { code: 'CRB_ALGO_NO_MINIMUM', path: 'riskAversion' },
    });
    expect(optimalSchedule({ ...PAPER, periods: 2.5, riskAversion: 0 })).toMatchObject({
      error: { code: 'CRB_ALGO_OUT_OF_DOMAIN', path: 'periods' },
    });
    expect(optimalSchedule({ ...PAPER, permanentImpact: 1e-5, riskAversion: 0 })).toMatchObject({
      error: { code: 'CRB_ALGO_OUT_OF_DOMAIN', path: 'temporaryImpact − γτ/2' },
    });
    expect(optimalSchedule({ ...PAPER, shares: Number.NaN, riskAversion: 0 })).toMatchObject({
      error: { code: 'CRB_ALGO_NOT_FINITE', path: 'shares' },
    });
  });
});

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const FILE = join(SHARED, 'data', 'execution', 'almgren_chriss_published.json');
const isPresent = existsSync(FILE);
const suite = isPresent ? describe : describe.skip;

suite(`published trajectory${isPresent ? '' : ' (shared/data/execution is absent)'}`, () => {
  test('holdings, trades, cost and variance to the printed digits', () => {
    const file = JSON.parse(readFileSync(FILE, 'utf8')) as {
      parameters: Record<string, number>;
      'case_no_drift_lambda_1e-6': Record<string, number[]> & {
        expected_cost: number;
        variance: number;
        kappa: number;
        half_life_days: number;
      };
    };
    const { parameters } = file;
    const published = file['case_no_drift_lambda_1e-6'];
    const schedule = unwrap(
      optimalSchedule({
        shares: parameters['holdings']!,
        horizon: parameters['horizon_days']!,
        periods: parameters['periods']!,
        volatility:
          (parameters['initial_price']! * parameters['annual_volatility']!) /
          Math.sqrt(parameters['trading_days_per_year']!),
        fixedCost: parameters['epsilon']!,
        permanentImpact: parameters['gamma']!,
        temporaryImpact: parameters['eta']!,
        riskAversion: 1e-6,
      }),
    );
    for (const [k, x] of published['holdings']!.entries()) {
      expect(Math.abs(schedule.holdings[k]! - x)).toBeLessThan(0.06);
    }
    for (const [k, n] of published['trades']!.entries()) {
      expect(Math.abs(schedule.trades[k]! - n)).toBeLessThan(0.06);
    }
    expect(Math.abs(schedule.expectedCost - published.expected_cost)).toBeLessThan(0.06);
    expect(schedule.variance / published.variance).toBeCloseTo(1, 5);
    expect(schedule.urgency).toBeCloseTo(published.kappa, 4);
    expect(1 / schedule.urgency).toBeCloseTo(published.half_life_days, 4);
  });
});
