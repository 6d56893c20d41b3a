import { describe, expect, test } from '@jest/globals';
import {
  asianPaths,
  blockCount,
  cevValue,
  type Estimate,
  europeanPaths,
  europeanPrice,
  finiteDifferences,
  geometricAsianPrice,
  hestonPaths,
  hestonValue,
  localVolatilityPaths,
  mergeBlocks,
  mertonPaths,
  mertonValue,
  type PathModel,
  type SimulationPlan,
  simulate,
  simulateBlock,
} from '../src/index.ts';

const OPTION = {
  kind: 'call',
  spot: 100,
  strike: 105,
  timeYears: 1,
  rate: 0.03,
  dividendYield: 0.01,
  volatility: 0.25,
} as const;

const PLAN: SimulationPlan = { seed: 7, paths: 16_000 };

function estimateOf(model: PathModel, plan: Partial<SimulationPlan> = {}): Estimate {
  const result = simulate(model, { ...PLAN, ...plan });
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.path}`);
  return result.value;
}

function good<T>(result: { ok: true; value: T } | { ok: false; error: { code: string } }): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('Monte Carlo engine', () => {
  test('any partition of the blocks gives the same bits', () => {
    const model = europeanPaths(OPTION);
    const whole = estimateOf(model);
    const count = blockCount(PLAN);
    const backwards = Array.from({ length: count }, (_, i) =>
      simulateBlock(europeanPaths(OPTION), PLAN, count - 1 - i),
    );
    const odd = backwards.filter(({ block }) => block % 2 === 1);
    const even = backwards.filter(({ block }) => block % 2 === 0);
    expect(good(mergeBlocks(model, PLAN, [...odd, ...even]))).toEqual(whole);
    expect(() => mergeBlocks(model, PLAN, odd)).toThrow('every block');
  });

  test('antithetic pairs and the control variate shrink the error and keep the mean', () => {
    const exact = good(europeanPrice(OPTION));
    const { controlMean: _, ...plain } = europeanPaths(OPTION);
    const errors = [
      estimateOf(plain),
      estimateOf(plain, { antithetic: true }),
      estimateOf(europeanPaths(OPTION)),
      estimateOf(europeanPaths(OPTION), { antithetic: true }),
    ].map(({ mean, standardError }) => {
      expect(Math.abs(mean - exact)).toBeLessThan(4 * standardError);
      return standardError;
    });
    expect(errors[1]).toBeLessThan(errors[0]!);
    expect(errors[2]).toBeLessThan(0.6 * errors[0]!);
    expect(errors[3]).toBeLessThan(errors[0]!);
  });

  test('the geometric average controls the arithmetic one', () => {
    const controlMean = good(geometricAsianPrice(OPTION, 12));
    const plain = estimateOf(asianPaths(OPTION, 12, { kind: 'geometric' }));
    expect(Math.abs(plain.mean - controlMean)).toBeLessThan(4 * plain.standardError);
    const controlled = estimateOf(asianPaths(OPTION, 12, { kind: 'arithmetic', controlMean }));
    expect(controlled.standardError).toBeLessThan(0.05 * plain.standardError);
    expect(controlled.mean).toBeGreaterThan(controlMean);
  });

  test.each<[Partial<SimulationPlan>, string]>([
    [{ seed: -1 }, 'seed'],
    [{ seed: Number.NaN }, 'seed'],
    [{ paths: 0 }, 'paths'],
    [{ paths: Number.POSITIVE_INFINITY }, 'paths'],
  ])('a plan with %j is refused', (change, path) => {
    expect(simulate(europeanPaths(OPTION), { ...PLAN, ...change })).toMatchObject({
      error: { path },
    });
  });
});

describe('Heston, Bates, Merton and local volatility paths', () => {
  const parameters = {
    variance: 0.04,
    meanReversion: 0.5,
    longRunVariance: 0.04,
    volatilityOfVariance: 1,
    correlation: -0.9,
  };

  test('the quadratic-exponential scheme holds Andersen (2008) case I, T = 10', () => {
    const option = { ...OPTION, strike: 100, timeYears: 10, rate: 0, dividendYield: 0, parameters };
    const exact = good(hestonValue(option)).call;
    expect(exact).toBeCloseTo(13.0847, 4);
    const { mean, standardError } = estimateOf(good(hestonPaths(option, 80)), { paths: 3000 });
    // Andersen's table 4: bias below 0.03 at eight steps a year.
    expect(Math.abs(mean - exact)).toBeLessThan(4 * standardError + 0.03);
  });

  test('jumps on top give Bates and Merton', () => {
    const jumps = { intensity: 0.7, logMean: -0.1, logDeviation: 0.2 };
    const bates = { ...OPTION, parameters: { ...parameters, volatilityOfVariance: 0.4, jumps } };
    const simulated = estimateOf(good(hestonPaths(bates, 24)), { paths: 6000 });
    const exact = good(hestonValue(bates)).call;
    expect(Math.abs(simulated.mean - exact)).toBeLessThan(4 * simulated.standardError + 0.01);
    const merton = estimateOf(good(mertonPaths({ ...OPTION, jumps })));
    const series = good(mertonValue({ ...OPTION, jumps })).price;
    expect(Math.abs(merton.mean - series)).toBeLessThan(4 * merton.standardError);
  });

  test('constant elasticity by grid and by paths agrees with its closed form', () => {
    const option = { ...OPTION, rate: 0.03, dividendYield: 0.01 };
    const localVolatility = (spot: number) => 2 / Math.sqrt(spot);
    const closed = good(cevValue({ ...option, scale: 2, elasticity: 0.5 })).call;
    const grid = good(
      finiteDifferences({ ...option, volatility: 0.2, exercise: 'european', localVolatility }),
    );
    expect(grid.price).toBeCloseTo(closed, 3);
    const paths = estimateOf(good(localVolatilityPaths({ ...option, localVolatility }, 50)), {
      paths: 4000,
    });
    expect(Math.abs(paths.mean - closed)).toBeLessThan(4 * paths.standardError + 0.01);
  });

  test('a local volatility that is not a number is refused, never simulated', () => {
    const localVolatility = () => Number.NaN;
    expect(localVolatilityPaths({ ...OPTION, localVolatility }, 10)).toMatchObject({
      error: { path: 'localVolatility' },
    });
    const late = (_: number, time: number) => (time > 0.5 ? Number.NaN : 0.2);
    const model = good(localVolatilityPaths({ ...OPTION, localVolatility: late }, 10));
    expect(simulate(model, PLAN)).toMatchObject({
      error: { code: 'CRB_PRICING_RESULT_OUT_OF_RANGE' },
    });
  });
});
