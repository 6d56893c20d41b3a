import { unwrap } from '@cerberus/core';
import { type HestonParameters, hestonStripPrices } from '@cerberus/pricing';
import type { BenchResult } from '../result.ts';
import { QuantLibPeer } from './peer.ts';
import { largestError, versus, withPeer } from './versus.ts';

const SPOT = 100;
const RATE = 0.03;
const YIELD = 0.01;
const EXPIRIES = [30, 60, 91, 182, 273, 365, 547, 730].map((days) => days / 365);
const STRIKES = 25;
const PARAMETERS: readonly HestonParameters[] = [
  {
    variance: 0.04,
    meanReversion: 1.5,
    longRunVariance: 0.06,
    volatilityOfVariance: 0.5,
    correlation: -0.7,
  },
  {
    variance: 0.09,
    meanReversion: 3,
    longRunVariance: 0.05,
    volatilityOfVariance: 0.4,
    correlation: -0.4,
  },
  {
    variance: 0.02,
    meanReversion: 0.8,
    longRunVariance: 0.04,
    volatilityOfVariance: 0.3,
    correlation: -0.6,
  },
];

/** Eight expiries of 25 strikes within two and a half deviations, for three sets of parameters. */
export function run(): Promise<BenchResult[]> {
  return withPeer(QuantLibPeer.start, async (peer) => {
    const strips = PARAMETERS.flatMap((parameters) =>
      EXPIRIES.map((timeYears) => stripOf(parameters, timeYears)),
    );
    const rows = strips.flatMap(({ timeYears, parameters: p, columns }) =>
      Array.from(columns.strike, (strike, row) => [
        ...[columns.sign[row]!, SPOT, strike, timeYears, RATE, YIELD],
        ...[p.variance, p.meanReversion, p.longRunVariance, p.volatilityOfVariance, p.correlation],
      ]),
    );
    peer?.write('heston', Float64Array.from(rows.flat()));
    const prices = () => Float64Array.from(strips.flatMap(({ columns }) => [...columns.price]));
    const result = await versus({
      name: `Heston strips of ${STRIKES} strikes`,
      unit: 'options/s',
      count: rows.length,
      own: () => {
        for (const strip of strips) unwrap(hestonStripPrices(strip, strip.columns));
      },
      peer,
      topic: 'heston',
      peerName: 'AnalyticHestonEngine(144)',
      agreement: (other) =>
        `largest difference ${largestError(prices(), other.values('heston'), SPOT).toExponential(1)} of the spot`,
      goal: 5,
    });
    return [result];
  });
}

function stripOf(parameters: HestonParameters, timeYears: number) {
  const forward = SPOT * Math.exp((RATE - YIELD) * timeYears);
  const deviation = Math.sqrt(parameters.longRunVariance * timeYears);
  const columns = {
    sign: new Int8Array(STRIKES),
    strike: new Float64Array(STRIKES),
    price: new Float64Array(STRIKES),
  };
  for (let row = 0; row < STRIKES; row += 1) {
    const distance = (5 * row) / (STRIKES - 1) - 2.5;
    columns.strike[row] = forward * Math.exp(deviation * distance);
    columns.sign[row] = distance < 0 ? -1 : 1;
  }
  const discount = Math.exp(-RATE * timeYears);
  return { forward, discount, timeYears, parameters, columns };
}
