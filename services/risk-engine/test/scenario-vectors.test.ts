import { type EpochUs, parseDecimal, unwrap } from '@cerberus/core';
import { europeanPrice } from '@cerberus/pricing';
import type { Instrument } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import { addScenarioPnl, unitScenarioPnl } from '../src/scenario-vectors.ts';
import type { UnitOutcome, UnitRisk } from '../src/unit-risk.ts';

const NOW = 1_800_000_000_000_000 as EpochUs;
const DAY_US = 86_400_000_000;
const SPOT = 60_000;
const RATE = 0.04;

function instrument(change: Partial<Instrument>): Instrument {
  return {
    ...{ kind: 'OPTION', underlying: 'BTC', option_type: 'CALL' },
    strike: unwrap(parseDecimal('65000')),
    contract_multiplier: unwrap(parseDecimal('0.1')),
    expiration: (NOW + 90 * DAY_US) as EpochUs,
    ...change,
  } as Instrument;
}

function unit(change: Partial<UnitRisk>): UnitOutcome {
  const risk = { value: 410, delta: 0.05, impliedVolatility: 0.55, ...change };
  return { ok: true, risk: risk as UnitRisk };
}

const RETURNS = Float64Array.from({ length: 365 }, (_, day) => 0.15 * Math.sin(0.7 * day));

describe('scenario vector of one unit', () => {
  test.each([
    ['CALL', 90],
    ['PUT', 90],
    ['PUT', 0],
  ] as const)('%s with %p days is the scalar price of every scenario', (type, days) => {
    const option = instrument({
      option_type: type,
      expiration: (NOW + days * DAY_US) as EpochUs,
    });
    const input = { instrument: option, unit: unit({}), spot: SPOT, now: NOW, rate: RATE };
    const pnl = unitScenarioPnl({ ...input, returns: RETURNS })!;
    const worst = RETURNS.reduce((most, r, scenario) => {
      const price = unwrap(
        europeanPrice({
          kind: type === 'CALL' ? 'call' : 'put',
          ...{ spot: SPOT * Math.exp(r), strike: 65_000, timeYears: days / 365 },
          ...{ rate: RATE, dividendYield: 0, volatility: 0.55 },
        }),
      );
      return Math.max(most, Math.abs(pnl[scenario]! - (0.1 * price - 410)));
    }, 0);
    // The bound of the vector kernel: 1e-13 of spot plus strike.
    expect(worst).toBeLessThan(1e-13 * 150_000);
    // One scenario alone, as in a stress, is the same number as among many.
    const alone = unitScenarioPnl({ ...input, returns: RETURNS.slice(5, 6) })!;
    expect(Array.from(alone)).toEqual([pnl[5]]);
  });

  test('a linear contract moves by its delta', () => {
    const pnl = unitScenarioPnl({
      ...{ instrument: instrument({ kind: 'SPOT' }), unit: unit({ delta: 2 }), spot: SPOT },
      ...{ now: NOW, rate: RATE, returns: Float64Array.of(0.01, -0.5) },
    })!;
    expect(Array.from(pnl)).toEqual([2 * SPOT * Math.expm1(0.01), 2 * SPOT * Math.expm1(-0.5)]);
  });

  test('an option without volatility and a unit without value have none', () => {
    const input = { instrument: instrument({}), spot: SPOT, now: NOW, rate: RATE };
    const nameless = unit({ impliedVolatility: null });
    expect(unitScenarioPnl({ ...input, unit: nameless, returns: RETURNS })).toBeUndefined();
    const unpriced: UnitOutcome = { ok: false, reason: 'no price' };
    expect(unitScenarioPnl({ ...input, unit: unpriced, returns: RETURNS })).toBeUndefined();
    const wrong = unit({ impliedVolatility: Number.NaN });
    expect(unitScenarioPnl({ ...input, unit: wrong, returns: RETURNS })).toBeUndefined();
  });
});

describe('scenarios of all that is held on an underlying', () => {
  const put = instrument({ option_type: 'PUT', strike: unwrap(parseDecimal('48000')) });
  const held = [
    { instrument: instrument({}), unit: unit({}), quantity: 3 },
    { instrument: put, unit: unit({ value: 120, impliedVolatility: 0.7 }), quantity: -11 },
    { instrument: instrument({ kind: 'SPOT' }), unit: unit({ delta: 2 }), quantity: -0.5 },
  ];
  const scenarios = { spot: SPOT, now: NOW, rate: RATE, returns: RETURNS };

  test('are the sum of the vectors of one unit, times the quantities', () => {
    const total = new Float64Array(RETURNS.length).fill(7);
    expect(addScenarioPnl(total, held, scenarios)).toBe(true);
    const units = held.map((one) => unitScenarioPnl({ ...one, ...scenarios })!);
    for (let s = 0; s < RETURNS.length; s += 1) {
      const sum = held.reduce((all, { quantity }, i) => all + quantity * units[i]![s]!, 7);
      expect(Math.abs(total[s]! - sum)).toBeLessThan(1e-8);
    }
  });

  test('are none where one of them cannot be valued', () => {
    const total = new Float64Array(RETURNS.length);
    const unpriced = { ...held[0]!, unit: { ok: false, reason: 'no price' } as UnitOutcome };
    expect(addScenarioPnl(total, [...held, unpriced], scenarios)).toBe(false);
    const nameless = { ...held[0]!, unit: unit({ impliedVolatility: null }) };
    expect(addScenarioPnl(total, [nameless], scenarios)).toBe(false);
  });
});
