import { unwrap } from '@cerberus/core';
import { impliedVolatilityBatch, type QuotedColumns } from '@cerberus/pricing';
import { ImpliedBatch } from '@cerberus/simd';
import type { BenchResult } from '../result.ts';
import { pricesOf, randomOptions, rowsOf } from './inputs.ts';
import { QuantLibPeer } from './peer.ts';
import { largestError, versus, withPeer } from './versus.ts';

const OPTIONS = 16_384;

/** Volatilities back from their own prices, each side at its own accuracy. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const options = randomOptions(OPTIONS, 2);
    const quotes: QuotedColumns = { ...options, price: pricesOf(options) };
    peer?.write('implied', rowsOf(options, quotes.price));
    const out = { volatility: new Float64Array(OPTIONS), status: new Uint8Array(OPTIONS) };
    const error = (values: Float64Array) =>
      largestError(values, options.volatility, 0).toExponential(1);
    const batch = new ImpliedBatch(OPTIONS, impliedVolatilityBatch);
    for (const name of Object.keys(batch.quotes) as (keyof QuotedColumns)[]) {
      batch.quotes[name].set(quotes[name]);
    }
    const agreement = (other: QuantLibPeer, own: Float64Array) =>
      `largest relative error ours ${error(own)}, the peer's ${error(other.values('implied'))}`;
    const shared = {
      unit: 'options/s',
      peer,
      topic: 'implied',
      peerCount: OPTIONS,
      peerName: 'blackFormulaImpliedStdDev, default accuracy 1e-6',
    };
    const vector = await versus({
      ...shared,
      name: 'implied volatility',
      count: 4 * OPTIONS,
      own: () => {
        for (let pass = 0; pass < 4; pass += 1) batch.invert();
      },
      agreement: (other) => agreement(other, batch.volatility),
      goal: 3,
    });
    const scalar = await versus({
      ...shared,
      name: 'implied volatility, scalar TypeScript (the reference)',
      count: OPTIONS,
      own: () => unwrap(impliedVolatilityBatch(quotes, out)),
      agreement: (other) => agreement(other, out.volatility),
      goal: 0,
    });
    return [vector, scalar];
  });
}
