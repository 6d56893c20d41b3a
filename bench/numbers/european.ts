import { unwrap } from '@cerberus/core';
import { allocateGreekColumns, europeanGreeksBatch, perYear } from '@cerberus/pricing';
import type { BenchResult } from '../result.ts';
import { randomOptions, rowsOf } from './inputs.ts';
import { QuantLibPeer } from './peer.ts';
import { largestError, versus, withPeer } from './versus.ts';

const OPTIONS = 16_384;
const PASSES = 4;
const PEER_GREEKS = 6;

/** Price and every Greek of a batch, against price and five Greeks of QuantLib's calculator. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const options = randomOptions(OPTIONS, 1);
    peer?.write('european', rowsOf(options));
    const out = allocateGreekColumns(OPTIONS);
    const agreement = (other: QuantLibPeer): string => {
      const values = other.values('european');
      const column = (index: number) =>
        Float64Array.from({ length: OPTIONS }, (_, row) => values[row * PEER_GREEKS + index]!);
      const own = [out.price, out.delta, out.gamma, out.vega, out.theta.map(perYear), out.rho];
      const worst = own.map((values, index) => largestError(values, column(index), 1e-3));
      return `largest relative difference of the six ${Math.max(...worst).toExponential(1)}`;
    };
    const shared = { unit: 'options/s', count: OPTIONS * PASSES, peerCount: OPTIONS };
    const scalar = await versus({
      ...shared,
      name: 'European price and 16 Greeks, scalar TypeScript',
      own: () => {
        for (let pass = 0; pass < PASSES; pass += 1) unwrap(europeanGreeksBatch(options, out));
      },
      peer,
      topic: 'european',
      peerName: 'BlackCalculator, price and 5 Greeks',
      agreement,
      goal: 2,
    });
    return [scalar];
  });
}
