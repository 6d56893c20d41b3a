import type { FeatureSet, Quote } from '@cerberus/schema';
import { eventually, ServiceRig } from '@cerberus/testkit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { features } from '../src/index.ts';

const BTC = 'BTCUSDT.BINANCE';
const CONFIG = {
  ...{ sampleSeconds: 1, ewmaHalfLifeSeconds: 2, ewmaWarmup: 2, realisedWindow: 4 },
  publishEveryMs: 0,
};
const START_S = 1_767_225_600;
const YEAR_S = 365 * 24 * 3600;

let rig: ServiceRig;
let seen: FeatureSet[];

beforeEach(async () => {
  rig = await ServiceRig.open();
  seen = [];
  await rig.bus.follow({
    ...{ topics: ['feature.value'], from: 'end' },
    onRecord: ({ value }) => {
      const decoded = rig.codecs.decode('feature.value', value!);
      if (decoded.ok) seen.push(decoded.value);
    },
  });
  await rig.ready(await rig.start(features, CONFIG));
});
afterEach(() => rig.close());

function quote(second: number, mid: number, over: Partial<Quote> = {}): Quote {
  const at = (START_S + second) * 1e6;
  return {
    ...{ instrument_id: BTC, venue: 'BINANCE', event_time: at, receive_time: at, sequence: second },
    ...{ bid_price: mid - 0.5, ask_price: mid + 0.5, bid_quantity: 3, ask_quantity: 1 },
    ...{ quality: 'OK', ...over },
  } as Quote;
}

/** The value published on the quote with this mid. */
async function valueAt(mid: number, id = BTC): Promise<FeatureSet> {
  const wanted = (v: FeatureSet) => v.instrument_id === id && v.values['mid'] === mid;
  await eventually(`features at ${mid}`, () => seen.some(wanted));
  return seen.findLast(wanted)!;
}

test('every quote is counted in: prices at once, volatilities once they are warm', async () => {
  const mids = [100, 101, 100.5, 102, 103.5, 101.5];
  for (const [second, mid] of mids.entries()) await rig.publish('md.quote', quote(second, mid));
  const first = await valueAt(100);
  // By hand: (99.5 · 1 + 100.5 · 3) / 4 and (3 − 1) / 4; one in a hundred is 100 basis points.
  expect(first.values).toEqual({
    mid: 100,
    spread_bps: 100,
    microprice: 100.25,
    book_imbalance: 0.5,
  });
  expect(first.missing).toMatchObject({ ewma_volatility: '0 of 2 returns so far' });
  const last = await valueAt(101.5);
  const returns = mids.slice(1).map((mid, index) => Math.log(mid / mids[index]!));
  const squares = returns.map((r) => r * r);
  // The last four of one second each.
  const realised = Math.sqrt((squares.slice(-4).reduce((a, b) => a + b, 0) / 4) * YEAR_S);
  expect(last.values['realised_volatility']).toBeCloseTo(realised, 10);
  // The mean of the first two, then a half-life of two seconds.
  const keep = 2 ** -0.5;
  let rate = (squares[0]! + squares[1]!) / 2;
  for (const square of squares.slice(2)) rate = keep * rate + (1 - keep) * square;
  expect(last.values['ewma_volatility']).toBeCloseTo(Math.sqrt(rate * YEAR_S), 10);
  expect(last.missing).toEqual({});
  expect(last.inputs[0]!.name).toBe(`md.quote ${BTC}`);
});

test('an untrusted quote is told as such and stays out of the volatilities', async () => {
  const bad = quote(1, 500, { quality: 'UNTRUSTED' });
  await rig.publish('md.quote', quote(0, 100), bad, quote(2, 101), quote(3, 102));
  const last = await valueAt(102);
  expect(seen.some(({ values }) => values['mid'] === 500)).toBe(false);
  expect(seen.filter(({ quality }) => quality === 'UNTRUSTED')).toHaveLength(1);
  const [a, b] = [Math.log(101 / 100), Math.log(102 / 101)];
  const rate = (a ** 2 / 2 + b ** 2) / 2;
  expect(last.values['ewma_volatility']).toBeCloseTo(Math.sqrt(rate * YEAR_S), 10);
});

test('a quote without two positive prices in order is refused, and the service goes on', async () => {
  const broken = [
    quote(1, 100, { bid_price: 0, ask_price: 0 }),
    quote(2, 100, { bid_price: -1 }),
    quote(3, 100, { bid_price: 101, ask_price: 100 }),
    quote(4, 100, { ask_price: Number.NaN }),
  ];
  await rig.publish('md.quote', ...broken, quote(5, 107));
  await valueAt(107);
  expect(seen).toHaveLength(1);
  expect(await rig.host.metrics.render()).toMatch(/feature_quotes_refused_total\S* 4/);
});

test('instruments do not touch each other', async () => {
  await rig.publish(
    'md.quote',
    quote(0, 100),
    quote(0, 3000, { instrument_id: 'ETHUSDT.BINANCE' }),
  );
  expect((await valueAt(3000, 'ETHUSDT.BINANCE')).values['spread_bps']).toBeCloseTo(1e4 / 3000, 10);
  expect((await valueAt(100)).values['spread_bps']).toBe(100);
});
