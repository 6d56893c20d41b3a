import { unwrap } from '@cerberus/core';
import {
  allocateGreekColumns,
  type EuropeanColumns,
  europeanGreeksBatch,
  europeanPriceBatch,
  type GreekColumns,
  perYear,
} from '@cerberus/pricing';
import { EuropeanBatch } from '@cerberus/simd';
import type { BenchResult } from '../result.ts';
import { randomOptions, rowsOf } from './inputs.ts';
import { QuantLibPeer } from './peer.ts';
import { largestError, versus, withPeer } from './versus.ts';

const OPTIONS = 16_384;
const PASSES = 4;
const PEER_VALUES = 6;
const SCALAR = { greeks: europeanGreeksBatch, prices: europeanPriceBatch };

/** Price and every Greek of a batch, against price and five Greeks of QuantLib's calculator. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const options = randomOptions(OPTIONS, 1);
    peer?.write('european', rowsOf(options));
    const out = allocateGreekColumns(OPTIONS);
    const batch = new EuropeanBatch(OPTIONS, SCALAR);
    for (const name of Object.keys(options) as (keyof EuropeanColumns)[]) {
      batch.options[name].set(options[name]);
    }
    const shared = {
      unit: 'options/s',
      count: OPTIONS * PASSES,
      peerCount: OPTIONS,
      peer,
      topic: 'european',
      peerName: 'BlackCalculator, price and 5 Greeks',
      goal: 2,
    };
    const vector = await versus({
      ...shared,
      name: 'European price and 16 Greeks',
      own: () => {
        for (let pass = 0; pass < PASSES; pass += 1) unwrap(batch.greeks());
      },
      agreement: (other) => agreement(other, batch.values),
    });
    const scalar = await versus({
      ...shared,
      name: 'European price and 16 Greeks, scalar TypeScript (the reference)',
      goal: 0,
      own: () => {
        for (let pass = 0; pass < PASSES; pass += 1) unwrap(europeanGreeksBatch(options, out));
      },
      agreement: (other) => agreement(other, out),
    });
    return [vector, scalar];
  });
}

function agreement(peer: QuantLibPeer, out: GreekColumns): string {
  const values = peer.values('european');
  const column = (index: number) =>
    Float64Array.from({ length: OPTIONS }, (_, row) => values[row * PEER_VALUES + index]!);
  const own = [out.price, out.delta, out.gamma, out.vega, out.theta.map(perYear), out.rho];
  const worst = own.map((ours, index) => largestError(ours, column(index), 1e-3));
  return `largest relative difference of the six ${Math.max(...worst).toExponential(1)}`;
}
