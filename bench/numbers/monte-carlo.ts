import { unwrap } from '@cerberus/core';
import {
  blockCount,
  type Estimate,
  type EuropeanOption,
  europeanPaths,
  europeanPrice,
  mergeBlocks,
  simulate,
} from '@cerberus/pricing';
import { EuropeanPathBlocks } from '@cerberus/simd';
import type { BenchResult } from '../result.ts';
import { QuantLibPeer } from './peer.ts';
import { versus, withPeer } from './versus.ts';

const PATHS = 2 ** 18;
const OPTION: EuropeanOption = {
  kind: 'call',
  spot: 100,
  strike: 105,
  timeYears: 1,
  rate: 0.03,
  dividendYield: 0.01,
  volatility: 0.25,
};

/** Paths of one step; ours carry the control variate with its regression, the peer has none. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const { spot, strike, timeYears, rate, dividendYield, volatility } = OPTION;
    const row = [1, spot, strike, timeYears, rate, dividendYield, volatility, PATHS];
    peer?.write('monte-carlo', Float64Array.from(row));
    const exact = unwrap(europeanPrice(OPTION));
    const errors = (mean: number, standardError: number) =>
      `${((mean - exact) / standardError).toFixed(2)} of its standard error ${standardError.toExponential(1)}`;
    const agreement = (other: QuantLibPeer): string => {
      const [mean = Number.NaN, error = Number.NaN] = other.values('monte-carlo');
      return `off the exact price by: ours ${errors(estimate!.mean, estimate!.standardError)}, the peer ${errors(mean, error)}`;
    };
    let estimate: Estimate | undefined;
    const plan = { seed: 42, paths: PATHS };
    const model = europeanPaths(OPTION);
    const paths = new EuropeanPathBlocks();
    const shared = {
      unit: 'paths/s',
      count: PATHS,
      peer,
      topic: 'monte-carlo',
      peerName: 'MCEuropeanEngine<PseudoRandom>, one step',
      agreement,
      goal: 5,
    };
    const vector = await versus({
      ...shared,
      name: 'Monte Carlo European paths',
      own: () => {
        const blocks = Array.from({ length: blockCount(plan) }, (_, block) =>
          paths.simulateBlock(OPTION, plan, block),
        );
        estimate = unwrap(mergeBlocks(model, plan, blocks));
      },
    });
    const scalar = await versus({
      ...shared,
      name: 'Monte Carlo European paths, scalar TypeScript (the reference)',
      goal: 0,
      own: () => {
        estimate = unwrap(simulate(model, plan));
      },
    });
    return [vector, scalar];
  });
}
