import { unwrap } from '@cerberus/core';
import { basisRisk, reversionOf } from '@cerberus/features';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { absenceNote, column, isDataPresent, tableOf } from './published-figures.ts';

const suite = isDataPresent ? describe : describe.skip;

suite(`the premium of MSTR 2020 to 2024${absenceNote}`, () => {
  test('reversion, z-score and signal as a least-squares fit in Python has them', () => {
    const rows = tableOf('mstr/mstr_daily_capital_and_mnav.csv');
    const [value, coins] = ['enterprise_value_usd', 'crypto_nav_usd'].map((n) => column(rows, n));
    const series = value!.map((v, t) => Math.log(v / coins![t]!));
    const found = unwrap(reversionOf(series, 21))!;
    expect(found.level).toBeCloseTo(0.224734687483153, 10);
    expect(found.speed).toBeCloseTo(0.011496696659934169, 10);
    expect(found.stationarySd).toBeCloseTo(0.3079291920991873, 9);
    expect(found.zScore).toBeCloseTo(1.5608126896299805, 8);
    expect(found.halfLife).toBeCloseTo(60.29098627743687, 6);
    expect(found.expectedChange).toBeCloseTo(-0.1030913626901067, 9);
    expect(found.changeSd).toBeCloseTo(0.19056428312405174, 9);
    expect(found.signal).toBeCloseTo(-41.147825869281164, 6);
  });
});

describe('reversion', () => {
  /** x ← level + b(x − level) + noise, b = 0.9. */
  const series = (seed: number) => {
    const stream = new PhiloxStream({ seed, stream: 0 });
    let x = 1;
    return Float64Array.from({ length: 5_000 }, () => {
      x = 1 + 0.9 * (x - 1) + 0.1 * stream.nextNormal();
      return x;
    });
  };

  test('the deviation is σ/√(2θ), and the z-score is in it, not in σ', () => {
    const drawn = series(4);
    const found = unwrap(reversionOf(drawn, 10))!;
    expect(found.stationarySd).toBeCloseTo(found.volatility / Math.sqrt(2 * found.speed), 12);
    expect(found.zScore).toBeCloseTo((drawn.at(-1)! - found.level) / found.stationarySd, 12);
    // The law that drew it: deviation 0.1/√(1 − 0.81), half-life ln 2/−ln 0.9.
    expect(found.stationarySd / (0.1 / Math.sqrt(0.19))).toBeCloseTo(1, 1);
    expect(found.halfLife / (Math.LN2 / -Math.log(0.9))).toBeCloseTo(1, 0);
  });

  test('the signal is the share of paths that rise less that of paths that fall', () => {
    const drawn = series(5);
    const found = unwrap(reversionOf(drawn, 10))!;
    const stream = new PhiloxStream({ seed: 6, stream: 0 });
    const b = Math.exp(-found.speed);
    const noise = found.stationarySd * Math.sqrt(1 - b * b);
    const paths = 20_000;
    let rises = 0;
    for (let path = 0; path < paths; path += 1) {
      let x = drawn.at(-1)!;
      for (let t = 0; t < 10; t += 1) {
        x = found.level + b * (x - found.level) + noise * stream.nextNormal();
      }
      if (x > drawn.at(-1)!) rises += 1;
    }
    // Four standard errors of a share.
    expect(Math.abs(200 * (rises / paths) - 100 - found.signal)).toBeLessThan(
      400 / Math.sqrt(paths),
    );
  });

  test('a walk away has none, and a constant is refused', () => {
    const away = Float64Array.from({ length: 50 }, (_, t) => 1.1 ** t);
    expect(reversionOf(away, 5)).toEqual({ ok: true, value: undefined });
    expect(reversionOf(new Float64Array(50), 5)).toMatchObject({
      error: { code: 'CRB_FEATURES_CONSTANT', path: 'series' },
    });
  });
});

describe('risk score', () => {
  test('the mean of four components, each at a known value', () => {
    const risk = unwrap(
      basisRisk({
        ...{ zScore: -1.959963984540054, halfLife: 21, horizon: 21 },
        ...{ tailDependence: 0.3, volatilityRank: 0.7 },
      }),
    );
    expect(risk.components.stretch).toBeCloseTo(95, 10);
    expect(risk.components).toMatchObject({ persistence: 50, tail: 30, volatility: 70 });
    expect(risk.score).toBeCloseTo((95 + 50 + 30 + 70) / 4, 10);
  });

  test('without reversion two components are at their worst', () => {
    const risk = unwrap(basisRisk({ horizon: 21, tailDependence: 0, volatilityRank: 0 }));
    expect(risk).toMatchObject({ score: 50, components: { stretch: 100, persistence: 100 } });
  });

  test.each([
    ['tailDependence', { tailDependence: 1.1 }],
    ['volatilityRank', { volatilityRank: Number.NaN }],
    ['horizon', { horizon: 0 }],
    ['halfLife', { halfLife: -1 }],
  ])('%s outside its domain is refused', (path, change) => {
    const inputs = { horizon: 21, tailDependence: 0.2, volatilityRank: 0.5, ...change };
    expect(basisRisk(inputs)).toMatchObject({ ok: false, error: { path } });
  });
});
