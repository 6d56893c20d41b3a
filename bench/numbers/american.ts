import { unwrap } from '@cerberus/core';
import {
  AMERICAN_ACCURACIES,
  americanPriceBatch,
  collocationScheme,
  type EuropeanColumns,
} from '@cerberus/pricing';
import { AMERICAN_SIZES, AmericanBatch } from '@cerberus/simd';
import { type BenchResult, note } from '../result.ts';
import { randomPuts, rowsOf } from './inputs.ts';
import { QuantLibPeer } from './peer.ts';
import { largestError, versus, withPeer } from './versus.ts';

const OPTIONS = 512;
const ERROR_ALLOWED = 1e-6;

/**
 * Puts that share nothing, by our cheapest scheme whose error is allowed. The truth is QuantLib's
 * high-precision scheme, since its accurate one is itself off by more than what is allowed.
 */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const puts = randomPuts(OPTIONS, 3);
    peer?.write('american', rowsOf(puts));
    for (const topic of ['american-precise', 'american-accurate']) await peer?.round(topic);
    const exact = peer?.values('american-precise') ?? reference();
    const out = new Float64Array(OPTIONS);
    const errorOf = (values: Float64Array) => largestError(values, exact, 0);
    const scheme =
      AMERICAN_ACCURACIES.find((accuracy) => {
        unwrap(americanPriceBatch(puts, out, accuracy));
        note(`    ${accuracy}: largest relative error ${errorOf(out).toExponential(1)}`);
        return errorOf(out) <= ERROR_ALLOWED;
      }) ?? 'reference';
    const batch = new AmericanBatch(OPTIONS, {
      scheme: collocationScheme(AMERICAN_SIZES),
      scalar: americanPriceBatch,
    });
    for (const name of Object.keys(puts) as (keyof EuropeanColumns)[]) {
      batch.options[name].set(puts[name]);
    }
    const agreement = (other: QuantLibPeer, own: Float64Array): string => {
      const errors = ['fast', 'accurate'].map((peerScheme) => {
        const error = errorOf(other.values(`american-${peerScheme}`));
        return `QdFp ${peerScheme} ${error.toExponential(1)}`;
      });
      return `largest relative error against QdFp high precision: ours ${errorOf(own).toExponential(1)}, ${errors.join(', ')}`;
    };
    const shared = {
      unit: 'options/s',
      count: OPTIONS,
      peer,
      topic: 'american-fast',
      peerName: 'QdFp fast',
    };
    const { nodes, quadrature } = AMERICAN_SIZES;
    const vector = await versus({
      ...shared,
      name: `American put price, ${nodes} nodes × ${quadrature} points`,
      own: () => unwrap(batch.prices()),
      agreement: (other) => agreement(other, batch.price),
      goal: 2,
      isRight: () => errorOf(batch.price) <= ERROR_ALLOWED,
    });
    const scalar = await versus({
      ...shared,
      name: `American put price, scheme '${scheme}', scalar TypeScript (the reference)`,
      own: () => unwrap(americanPriceBatch(puts, out, scheme)),
      agreement: (other) => agreement(other, out),
      goal: 0,
    });
    return [vector, scalar];

    function reference(): Float64Array {
      const values = new Float64Array(OPTIONS);
      unwrap(americanPriceBatch(puts, values, 'reference'));
      return values;
    }
  });
}
