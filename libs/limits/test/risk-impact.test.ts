import { decimal } from '@cerberus/core';
import { historicalVar } from '@cerberus/risk';
import { describe, expect, test } from '@jest/globals';
import { type GateBook, LIMITS_ERRORS, RiskImpact } from '../src/index.ts';
import { BTC, checkOf, gate, judge, limit, NOW, order, scenarios } from './fixtures.ts';

const OPTION = 'BTC-20261225-100000-C.OTC';
const COUNT = 500;

/** Any spread-out numbers will do; 7919 is prime to 500, so none repeats. */
const BTC_PNL = Array.from({ length: COUNT }, (_, i) => ((i * 7919) % COUNT) * 10 - 2600);
const OPTION_PNL = BTC_PNL.map((pnl) => Math.max(pnl * 0.3, -150));

function hold(book: GateBook, instrumentId: string, quantity: string): void {
  book.apply('position.adjustment', {
    adjustment_id: `${instrumentId}:${quantity}`,
    account_id: 'demo',
    instrument_id: instrumentId,
    currency: 'USDT',
    quantity: decimal(quantity),
    price: null,
    reason: 'OPENING',
    note: '',
    time: NOW,
  });
}

function book(): GateBook {
  const made = gate();
  made.apply('risk.scenarios', scenarios(BTC, BTC_PNL));
  made.apply(
    'risk.scenarios',
    scenarios(OPTION, OPTION_PNL, {
      unit_delta: 0.4,
      unit_gamma: 2e-5,
      unit_vega: 150,
      unit_theta: -12,
      unit_value: 4000,
    }),
  );
  hold(made, BTC, '2');
  hold(made, OPTION, '-10');
  return made;
}

/** The same figures the long way: add up the scenarios, then the library's historical method. */
function tailOf(btc: number, options: number) {
  const pnl = BTC_PNL.map((each, i) => btc * each + options * OPTION_PNL[i]!);
  const tail = historicalVar(pnl, { confidence: 0.99 });
  if (!tail.ok) throw new Error(tail.error.message);
  return tail.value;
}

describe('risk impact of an order', () => {
  const sell = order({ side: 'SELL', quantity: decimal('1.5') });

  test('is a revaluation over the scenarios: same tail as adding the vectors up', () => {
    const impact = new RiskImpact().measure(book(), sell);
    expect(impact.var_99_1d.before).toBeCloseTo(tailOf(2, -10).valueAtRisk, 6);
    expect(impact.var_99_1d.after).toBeCloseTo(tailOf(0.5, -10).valueAtRisk, 6);
    expect(impact.es_99_1d.after).toBeCloseTo(tailOf(0.5, -10).expectedShortfall, 6);
    expect(impact.es_99_1d.change).toBeCloseTo(
      tailOf(0.5, -10).expectedShortfall - tailOf(2, -10).expectedShortfall,
      6,
    );
  });

  test('adds the Greeks of the underlying', () => {
    const impact = new RiskImpact().measure(book(), sell);
    expect(impact.delta).toEqual({ before: -2, after: -3.5, change: -1.5 });
    expect(impact.vega).toEqual({ before: -1500, after: -1500, change: 0 });
    expect(impact.margin).toEqual({ before: null, after: null, change: null });
    expect(impact.missing).toEqual({ margin: 'no margin model is configured' });
  });

  test('concentration falls when a hedge evens the book out', () => {
    // |120000| and |40000| before, |30000| and |40000| after: 0.75² + 0.25² and (3/7)² + (4/7)².
    const { concentration } = new RiskImpact().measure(book(), sell);
    expect(concentration.before).toBeCloseTo(0.625, 12);
    expect(concentration.after).toBeCloseTo(25 / 49, 12);
  });

  test('follows new vectors and positions by difference', () => {
    const impact = new RiskImpact();
    const made = book();
    impact.measure(made, sell);
    made.apply(
      'risk.scenarios',
      scenarios(
        BTC,
        BTC_PNL.map((pnl) => pnl / 2),
      ),
    );
    hold(made, OPTION, '4');
    const again = impact.measure(made, sell);
    const fresh = new RiskImpact().measure(made, sell);
    expect(again.var_99_1d.after).toBeCloseTo(fresh.var_99_1d.after!, 6);
    expect(again.es_99_1d.before).toBeCloseTo(fresh.es_99_1d.before!, 6);
  });

  test('starts anew with a new set of scenarios', () => {
    const impact = new RiskImpact();
    const made = book();
    impact.measure(made, sell);
    const change = { scenario_set_id: 's2' };
    made.apply('risk.scenarios', scenarios(BTC, BTC_PNL, change));
    expect(impact.measure(made, sell).missing.var_99_1d).toContain('different sets');
    made.apply('risk.scenarios', scenarios(OPTION, OPTION_PNL, change));
    expect(impact.measure(made, sell).var_99_1d.after).toBeCloseTo(tailOf(0.5, -10).valueAtRisk, 6);
  });

  test.each([
    ['of the instrument', BTC],
    ['of what is held', OPTION],
  ])('without a vector %s there is no figure but a reason', (_, missing) => {
    const made = book();
    made.remove('risk.scenarios', missing);
    const impact = new RiskImpact().measure(made, sell);
    expect(impact.var_99_1d).toEqual({ before: null, after: null, change: null });
    expect(impact.missing.var_99_1d).toContain(missing);
    expect(impact.missing.delta).toContain(missing);
  });

  test('a vector that is not finite gives no figure', () => {
    const made = book();
    made.apply('risk.scenarios', scenarios(BTC, [Number.NaN, ...BTC_PNL.slice(1)]));
    const impact = new RiskImpact().measure(made, sell);
    expect(impact.var_99_1d.after).toBeNull();
    expect(impact.missing.var_99_1d).toBeDefined();
  });

  test('and the next finite one does', () => {
    const impact = new RiskImpact();
    const made = book();
    made.apply('risk.scenarios', scenarios(BTC, [Number.NaN, ...BTC_PNL.slice(1)]));
    impact.measure(made, sell);
    made.apply('risk.scenarios', scenarios(BTC, BTC_PNL));
    expect(impact.measure(made, sell).var_99_1d.after).toBeCloseTo(tailOf(0.5, -10).valueAtRisk, 6);
  });
});

describe('limit on value at risk', () => {
  const sell = order({ side: 'SELL', quantity: decimal('1.5') });
  const buy = order({ side: 'BUY', quantity: decimal('1.5') });
  const limited = (parts: { hard?: string; soft?: string }) => {
    const made = book();
    made.apply('control.limit', limit({ limit_type: 'var_99_1d', unit: 'USD', ...parts }));
    return made;
  };
  const outcome = (made: GateBook, of: typeof sell) => checkOf(judge(made, of), 'var');
  const after = tailOf(3.5, -10).valueAtRisk;

  test('without one the check does not run', () => {
    expect(outcome(book(), buy)).toBeUndefined();
  });

  test('blocks above hard, warns above soft, at the figure after the order', () => {
    expect(after).toBeGreaterThan(tailOf(2, -10).valueAtRisk);
    expect(outcome(limited({ hard: String(after) }), buy)).toMatchObject({ passed: true });
    const below = String(after - 0.01);
    expect(outcome(limited({ hard: below }), buy)).toMatchObject({
      passed: false,
      severity: 'HARD',
      code: LIMITS_ERRORS.VALUE_AT_RISK.code,
    });
    expect(outcome(limited({ soft: below }), buy)).toMatchObject({
      passed: false,
      severity: 'SOFT',
    });
  });

  test('an order that lowers the figure passes above the limit', () => {
    const made = limited({ hard: '1' });
    hold(made, OPTION, '10');
    expect(outcome(made, sell)).toMatchObject({ passed: true, limit: 1 });
    expect(outcome(made, buy)).toMatchObject({ passed: false, severity: 'HARD' });
  });

  test('a figure that cannot be given blocks a hard limit and warns of a soft one', () => {
    const blind = (parts: { hard?: string; soft?: string }) => {
      const made = limited(parts);
      made.remove('risk.scenarios', OPTION);
      return outcome(made, buy);
    };
    const code = LIMITS_ERRORS.NOT_VALUED.code;
    expect(blind({ hard: '1e9' })).toMatchObject({ passed: false, severity: 'HARD', code });
    expect(blind({ soft: '1e9' })).toMatchObject({ passed: false, severity: 'SOFT', code });
  });
});
