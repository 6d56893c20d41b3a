import { unwrap } from '@cerberus/core';
import {
  type Estimate,
  type EuropeanOption,
  europeanPaths,
  europeanPrice,
  simulate,
} from '@cerberus/pricing';
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

/** Paths of one step, without variance reduction on either side. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const { spot, strike, timeYears, rate, dividendYield, volatility } = OPTION;
    const row = [1, spot, strike, timeYears, rate, dividendYield, volatility, PATHS];
    peer?.write('monte-carlo', Float64Array.from(row));
    const exact = unwrap(europeanPrice(OPTION));
    const errors = (mean: number, standardError: number) =>
      `${((mean - exact) / standardError).toFixed(2)} of its standard error ${standardError.toExponential(1)}`;
    let estimate: Estimate | undefined;
    const result = await versus({
      name: 'Monte Carlo European paths, scalar TypeScript',
      unit: 'paths/s',
      count: PATHS,
      own: () => {
        estimate = unwrap(simulate(europeanPaths(OPTION), { seed: 42, paths: PATHS }));
      },
      peer,
      topic: 'monte-carlo',
      peerName: 'MCEuropeanEngine<PseudoRandom>, one step',
      agreement: (other) => {
        const [mean = Number.NaN, error = Number.NaN] = other.values('monte-carlo');
        return `off the exact price by: ours ${errors(estimate!.mean, estimate!.standardError)}, the peer ${errors(mean, error)}`;
      },
      goal: 5,
    });
    return [result];
  });
}
