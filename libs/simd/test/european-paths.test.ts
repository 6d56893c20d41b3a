import { type EuropeanOption, europeanPaths, simulateBlock } from '@cerberus/pricing';
import { describe, expect, test } from '@jest/globals';
import { EuropeanPathBlocks } from '../src/index.ts';

const OPTION: EuropeanOption = {
  kind: 'put',
  ...{ spot: 100, strike: 103, timeYears: 0.8, rate: 0.03, dividendYield: 0.01, volatility: 0.4 },
};

describe('European paths', () => {
  test.each([
    [7, 0, false],
    [7, 5, true],
    [2 ** 53 - 1, 2 ** 40 + 3, false],
    [0, 2 ** 32 - 1, true],
  ])(
    'are those of the scalar block: seed %p, block %p, antithetic %p',
    (seed, block, antithetic) => {
      const plan = { seed, paths: 1024, antithetic };
      const paths = new EuropeanPathBlocks();
      for (const kind of ['call', 'put'] as const) {
        const option = { ...OPTION, kind };
        const expected = simulateBlock(europeanPaths(option), plan, block);
        const sums = paths.simulateBlock(option, plan, block);
        for (const name of ['payoff', 'payoffSquare', 'controlSquare', 'cross'] as const) {
          expect(Math.abs(sums[name] / expected[name] - 1)).toBeLessThan(1e-11);
        }
        // The sum of the control about its mean cancels: its scale is that of its terms.
        const scale = Math.sqrt(expected.controlSquare * 1024);
        expect(Math.abs(sums.control - expected.control)).toBeLessThan(1e-11 * scale);
        expect({ block: sums.block, samples: sums.samples }).toEqual({ block, samples: 1024 });
      }
    },
  );
});
