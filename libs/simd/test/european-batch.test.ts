import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  allocateGreekColumns,
  type EuropeanColumns,
  type EuropeanOption,
  europeanGreeksBatch,
  europeanPriceBatch,
  GREEK_NAMES,
  type GreekColumns,
  type Greeks,
  greeksAt,
  perYear,
  setEuropeanRow,
} from '@cerberus/pricing';
import { PhiloxStream } from '@cerberus/stats';
import { describe, expect, test } from '@jest/globals';
import { EuropeanBatch, OUTPUT_NAMES } from '../src/index.ts';

const SCALAR = { greeks: europeanGreeksBatch, prices: europeanPriceBatch };
const VECTORS = join(
  process.env['CERBERUS_SHARED_DIR'] ?? join(import.meta.dirname, '../../../../shared'),
  'vectors/bsm_greeks.json',
);

function batchOf(count: number, optionAt: (row: number) => EuropeanOption): EuropeanBatch {
  const batch = new EuropeanBatch(count, SCALAR);
  for (let row = 0; row < count; row += 1) setEuropeanRow(batch.options, row, optionAt(row));
  return batch;
}

function randomOption(stream: PhiloxStream, spread: number): EuropeanOption {
  const between = (low: number, high: number) => low + (high - low) * stream.nextDouble();
  const spot = Math.exp(between(-3, 11));
  const volatility = Math.exp(between(-4, 1));
  const timeYears = Math.exp(between(-7, 2));
  return {
    kind: stream.nextDouble() < 0.5 ? 'call' : 'put',
    spot,
    strike: spot * Math.exp(volatility * Math.sqrt(timeYears) * between(-spread, spread)),
    timeYears,
    rate: between(-0.05, 0.15),
    dividendYield: between(-0.02, 0.1),
    volatility,
  };
}

/** Scale of the rounding of each quantity: that of its largest term, not of what cancellation leaves. */
function scalesOf(options: EuropeanColumns, row: number, values: Greeks): Greeks {
  const { spot, strike, timeYears, rate, dividendYield, volatility } = options;
  const [s, k, t, v] = [spot[row]!, strike[row]!, timeYears[row]!, volatility[row]!];
  const [r, q] = [Math.abs(rate[row]!), Math.abs(dividendYield[row]!)];
  const total = v * Math.sqrt(t);
  const first = (2 * (Math.abs(Math.log(s / k)) + (r + q) * t)) / total + total + 1;
  const drift = (r + q) / total + first / t;
  const { gamma, vega } = values;
  const legs = s + k;
  return {
    price: legs,
    delta: 1,
    gamma,
    vega,
    theta: ((r + q) * legs + (vega * v) / t) / 365,
    rho: t * k,
    dividendRho: t * s,
    vanna: (vega * first) / (s * v * Math.sqrt(t)),
    volga: (vega * first ** 2) / v,
    charm: (q + (vega * drift) / (s * Math.sqrt(t))) / 365,
    veta: (vega * (q + first * drift + 1 / t)) / 365,
    speed: (gamma * (first / total + 1)) / s,
    zomma: (gamma * (first ** 2 + 1)) / v,
    color: (gamma * (q + 1 / t + first * drift)) / 365,
    ultima: (vega * (first ** 4 + first ** 2)) / v ** 2,
    dualDelta: 1,
    dualGamma: values.dualGamma,
  };
}

function worstOf(options: EuropeanColumns, own: GreekColumns, other: GreekColumns): number {
  let worst = 0;
  for (let row = 0; row < options.sign.length; row += 1) {
    const scales = scalesOf(options, row, greeksAt(other, row));
    for (const name of GREEK_NAMES) {
      const difference = Math.abs(own[name][row]! - other[name][row]!);
      const error = difference === 0 ? 0 : difference / scales[name];
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

describe('European batch', () => {
  test('has the columns of the scalar kernel, in its order', () => {
    expect(OUTPUT_NAMES).toEqual(GREEK_NAMES);
  });

  test.each([
    ['within four deviations', 4],
    ['within thirty deviations', 30],
  ])('agrees with the scalar kernel to 1e-12 of the largest term %s', (_, spread) => {
    const stream = new PhiloxStream({ seed: 11, stream: spread });
    const batch = batchOf(20_001, () => randomOption(stream, spread));
    const expected = allocateGreekColumns(batch.capacity);
    expect(europeanGreeksBatch(batch.options, expected).ok).toBe(true);
    expect(batch.greeks()).toEqual({ ok: true, value: batch.capacity });
    expect(worstOf(batch.options, batch.values, expected)).toBeLessThan(1e-12);
    const prices = batch.values.price.slice();
    expect(batch.prices().ok).toBe(true);
    const worst = batch.values.price.reduce((most, price, row) => {
      const legs = batch.options.spot[row]! + batch.options.strike[row]!;
      return Math.max(most, Math.abs(price - prices[row]!) / legs);
    }, 0);
    expect(worst).toBeLessThan(1e-14);
  });

  test('keeps the digits of small prices', () => {
    const stream = new PhiloxStream({ seed: 12, stream: 0 });
    const batch = batchOf(4000, (row) => ({
      ...randomOption(stream, 0),
      kind: row % 2 === 0 ? 'call' : 'put',
      ...{ spot: 100, rate: 0, dividendYield: 0, volatility: 0.2, timeYears: 1 },
      strike: 100 * Math.exp((row % 2 === 0 ? 0.2 : -0.2) * stream.nextDouble() * 10),
    }));
    const expected = new Float64Array(4000);
    europeanPriceBatch(batch.options, expected);
    batch.prices();
    const worst = expected.reduce(
      (most, price, row) => Math.max(most, Math.abs(batch.values.price[row]! / price - 1)),
      0,
    );
    expect(worst).toBeLessThan(1e-11);
  });

  test('is the scalar kernel where there are no vectors', () => {
    const stream = new PhiloxStream({ seed: 14, stream: 0 });
    const batch = new EuropeanBatch(33, SCALAR, false);
    for (let row = 0; row < 33; row += 1) {
      setEuropeanRow(batch.options, row, randomOption(stream, 3));
    }
    const expected = allocateGreekColumns(33);
    europeanGreeksBatch(batch.options, expected);
    expect(batch.greeks()).toEqual({ ok: true, value: 33 });
    expect(worstOf(batch.options, batch.values, expected)).toBe(0);
  });

  test('gives the limits of the scalar kernel where rows are not ordinary', () => {
    const base: EuropeanOption = {
      kind: 'call',
      ...{ spot: 100, strike: 90, timeYears: 1, rate: 0.03, dividendYield: 0.01, volatility: 0.2 },
    };
    const changes: Partial<EuropeanOption>[] = [
      { timeYears: 0 },
      { volatility: 0 },
      { spot: 0 },
      { spot: 100, strike: 1e25 },
      { volatility: 1e-9 },
      { rate: -12, timeYears: 0.1 },
      {},
    ];
    for (const count of [changes.length, 64 * changes.length]) {
      const batch = batchOf(count, (row) => ({ ...base, ...(changes[row] ?? {}) }));
      const expected = allocateGreekColumns(count);
      europeanGreeksBatch(batch.options, expected);
      expect(batch.greeks().ok).toBe(true);
      for (let row = 0; row < changes.length - 1; row += 1) {
        expect(greeksAt(batch.values, row)).toEqual(greeksAt(expected, row));
      }
    }
  });

  test.each<[string, Partial<EuropeanOption>]>([
    ['row 37 spot', { spot: Number.NaN }],
    ['row 37 strike', { strike: 0 }],
    ['row 37 volatility', { volatility: Number.POSITIVE_INFINITY }],
    ['row 37 timeYears', { timeYears: -1 }],
  ])('refuses a batch naming %s', (path, change) => {
    const stream = new PhiloxStream({ seed: 13, stream: 0 });
    const batch = batchOf(101, (row) => ({
      ...randomOption(stream, 1),
      ...(row === 37 ? change : {}),
    }));
    const result = batch.greeks();
    expect(result).toMatchObject({ ok: false, error: { path } });
    expect(result).toEqual(europeanGreeksBatch(batch.options, allocateGreekColumns(101)));
    batch.options.sign[37] = 0;
    batch.options.spot[37] = batch.options.strike[37] = batch.options.timeYears[37] = 1;
    batch.options.volatility[37] = 1;
    expect(batch.prices()).toMatchObject({ ok: false, error: { path: 'row 37 sign' } });
  });
});

interface Case {
  readonly id: string;
  readonly inputs: Readonly<Record<'S' | 'K' | 'T' | 'r' | 'q' | 'sigma', number>> & {
    readonly type: 'call' | 'put';
  };
  readonly expected: Readonly<Record<string, number>>;
}

/** Names of the vectors and what they are in our units. */
const EXPECTED: Readonly<Record<string, (values: Greeks) => number>> = {
  price: (g) => g.price,
  delta: (g) => g.delta,
  gamma: (g) => g.gamma,
  vega: (g) => g.vega,
  theta: (g) => perYear(g.theta),
  rho: (g) => g.rho,
  rho_q: (g) => g.dividendRho,
  vanna: (g) => g.vanna,
  volga: (g) => g.volga,
  charm: (g) => perYear(g.charm),
  veta_dT: (g) => -perYear(g.veta),
  speed: (g) => g.speed,
  zomma: (g) => g.zomma,
  color: (g) => perYear(g.color),
  ultima: (g) => g.ultima,
  dual_delta: (g) => g.dualDelta,
  dual_gamma: (g) => g.dualGamma,
};

(existsSync(VECTORS) ? describe : describe.skip)('reference vectors bsm_greeks.json', () => {
  test('are met to their strict rule, 1e-8 relative in every quantity', () => {
    const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: Case[] };
    expect(cases.length).toBeGreaterThan(100);
    const batch = batchOf(cases.length, (row) => {
      const { type, S, K, T, r, q, sigma } = cases[row]!.inputs;
      const market = { timeYears: T, rate: r, dividendYield: q, volatility: sigma };
      return { kind: type, spot: S, strike: K, ...market };
    });
    expect(batch.greeks().ok).toBe(true);
    const failures = cases.flatMap(({ id, expected }, row) => {
      const values = greeksAt(batch.values, row);
      return Object.entries(expected).flatMap(([name, reference]) => {
        const own = EXPECTED[name]?.(values);
        if (own === undefined || Math.abs(own - reference) <= 1e-8 * Math.abs(reference)) return [];
        // The file stores magnitudes below 1e-300 as zero.
        return reference === 0 && Math.abs(own) < 1e-290
          ? []
          : [`${id} ${name} ${own} ${reference}`];
      });
    });
    expect(failures).toEqual([]);
  });
});
