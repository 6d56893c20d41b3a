import { black76Price } from '@cerberus/pricing';
import {
  type ExpiryQuotes,
  fitSurface,
  fitSvi,
  impliedSmiles,
  type OptionQuote,
  rawFromSsvi,
  type Smile,
  sviTotalVariance,
} from '@cerberus/surface';
import { type BenchResult, median } from './result.ts';

const EXPIRIES = 20;
const STRIKES = 40;
const SLICE_ROUNDS = 400;
const SURFACE_ROUNDS = 60;
const SLICE_GOAL_US = 150;
const SURFACE_GOAL_MS = 5;

/** Twenty expiries of an SSVI surface, its volatilities shaken by 0.3 % and moved by `level`. */
function chain(level: number): readonly Smile[] {
  const expiries: ExpiryQuotes[] = [];
  for (let row = 0; row < EXPIRIES; row++) {
    const timeYears = 0.02 * 1.28 ** row;
    const theta = level * level * timeYears;
    const raw = rawFromSsvi({ theta, rho: -0.65, phi: 1.0 / Math.sqrt(theta) });
    if (!raw.ok) throw new Error(raw.error.message);
    const width = 4 * Math.sqrt(theta);
    const quotes: OptionQuote[] = [];
    for (let i = 0; i < STRIKES; i++) {
      const k = -width + (1.6 * width * i) / (STRIKES - 1);
      const shaken = 1 + 0.003 * Math.sin(12.9898 * i + 78.233 * row);
      const volatility = Math.sqrt(sviTotalVariance(raw.value, k) / timeYears) * shaken;
      const strike = 100 * Math.exp(k);
      const kind = k < 0 ? 'put' : 'call';
      const price = black76Price({ kind, forward: 100, strike, timeYears, rate: 0, volatility });
      if (!price.ok) throw new Error(price.error.message);
      const half = 0.02 * price.value + 0.005;
      quotes.push({
        kind,
        strike,
        bid: Math.max(0.0001, price.value - half),
        ask: price.value + half,
      });
    }
    expiries.push({ id: `E${row}`, timeYears, forward: 100, quotes });
  }
  return impliedSmiles(expiries, { exercise: 'european', rate: 0 }).smiles;
}

function timed(rounds: number, run: (round: number) => void): number[] {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    run(round);
    times.push(performance.now() - start);
  }
  return times;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function sliceResult(smiles: readonly Smile[]): BenchResult {
  const slices = smiles.map(({ logMoneyness, midVolatility, timeYears }) => ({
    logMoneyness,
    totalVariance: midVolatility.map((volatility) => volatility * volatility * timeYears),
  }));
  const run = (round: number) => fitSvi(slices[round % slices.length]!);
  timed(SLICE_ROUNDS, run);
  const times = timed(SLICE_ROUNDS, run).map((ms) => 1000 * ms);
  const value = median(times);
  return {
    name: `SVI slice, quasi-explicit cold fit of ${STRIKES} quotes`,
    unit: 'µs',
    value,
    n: SLICE_ROUNDS,
    p50: value,
    p99: percentile(times, 0.99),
    goal: `≤ ${SLICE_GOAL_US} µs a slice`,
    met: value <= SLICE_GOAL_US,
  };
}

function surfaceResults(): BenchResult[] {
  const first = chain(0.2);
  const cold = fitSurface(first);
  if (!cold.ok) throw new Error(cold.error.message);
  const moved = [chain(0.201), chain(0.1995), chain(0.2005)];
  const warm = (round: number) => {
    const fitted = fitSurface(moved[round % moved.length]!, { warm: cold.value });
    if (!fitted.ok) throw new Error(fitted.error.message);
  };
  timed(SURFACE_ROUNDS, warm);
  const warmTimes = timed(SURFACE_ROUNDS, warm);
  const coldTimes = timed(SURFACE_ROUNDS / 4, () => fitSurface(first));
  const value = median(warmTimes);
  const shared = { unit: 'ms', goal: `≤ ${SURFACE_GOAL_MS} ms warm` };
  return [
    {
      ...shared,
      name: `arbitrage-free surface of ${EXPIRIES} expiries × ${STRIKES} quotes, warm, with its certificate`,
      value,
      n: SURFACE_ROUNDS,
      p50: value,
      p99: percentile(warmTimes, 0.99),
      met: value <= SURFACE_GOAL_MS,
    },
    {
      ...shared,
      name: `the same from a cold start`,
      value: median(coldTimes),
      n: coldTimes.length,
      p50: median(coldTimes),
      p99: percentile(coldTimes, 0.99),
      goal: 'no goal of its own',
      met: true,
    },
  ];
}

/** Fits of slices and of whole surfaces, on one core. */
export async function run(): Promise<BenchResult[]> {
  return [sliceResult(chain(0.2)), ...surfaceResults()];
}
