import { unwrap } from '@cerberus/core';
import { impliedVolatilityBatch, type QuotedColumns } from '@cerberus/pricing';
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
    const result = await versus({
      name: 'implied volatility',
      unit: 'options/s',
      count: OPTIONS,
      own: () => unwrap(impliedVolatilityBatch(quotes, out)),
      peer,
      topic: 'implied',
      peerName: 'blackFormulaImpliedStdDev, default accuracy 1e-6',
      agreement: (other) =>
        `largest relative error ours ${error(out.volatility)}, the peer's ${error(other.values('implied'))}`,
      goal: 3,
    });
    return [result];
  });
}
