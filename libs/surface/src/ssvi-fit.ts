import { nelderMead } from '@cerberus/stats';
import type { SliceTargets } from './slice-fit.ts';
import { areEssviOrdered, type SsviSlice, ssviConditions } from './ssvi.ts';

/** φ(θ) = η/(θ^γ (1+θ)^{1−γ}): free of arbitrage for 0 ≤ γ ≤ 1 and η(1+|ρ|) ≤ 2 (Gatheral-Jacquier, §4.2). */
export interface SsviParameters {
  readonly rho: number;
  readonly eta: number;
  readonly gamma: number;
}

/** Quotes used per expiry: the backbone has few parameters. */
const QUOTES_MAX = 25;
/** Uncertainty added to each quote, as a share of its total variance: what the model cannot follow. */
const MODEL_ERROR = 0.03;
/** Least relative rise of at-the-money total variance between expiries. */
const RISE = 1e-5;
const RHO_MAX = 0.95;
const ETA_MARGIN = 1.999;
const SWEEPS = 2;

/** A thinned set of quotes, weighted for the backbone. */
interface Sample {
  readonly k: Float64Array;
  readonly w: Float64Array;
  readonly weight: Float64Array;
}

function sampleOf({ k, mid, half }: SliceTargets): Sample {
  const count = Math.min(k.length, QUOTES_MAX);
  const rows = Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round((i * (k.length - 1)) / (count - 1)),
  );
  return {
    k: Float64Array.from(rows, (row) => k[row]!),
    w: Float64Array.from(rows, (row) => mid[row]!),
    weight: Float64Array.from(rows, (row) => {
      const error = Math.hypot(half[row]!, MODEL_ERROR * mid[row]!);
      return 1 / (count * error * error);
    }),
  };
}

function misfit({ k, w, weight }: Sample, theta: number, rho: number, phi: number): number {
  const co2 = 1 - rho * rho;
  let sum = 0;
  for (let i = 0; i < k.length; i++) {
    const x = phi * k[i]! + rho;
    const error = 0.5 * theta * (1 + rho * phi * k[i]! + Math.sqrt(x * x + co2)) - w[i]!;
    sum += weight[i]! * error * error;
  }
  return sum;
}

/** Total variance at the money by interpolation of the nearest quotes, then made to rise. */
export function risingThetas(targets: readonly SliceTargets[]): number[] {
  const raw = targets.map(({ k, mid }) => {
    let right = 0;
    while (right < k.length - 1 && k[right]! < 0) right += 1;
    const left = Math.max(0, right - 1);
    const width = k[right]! - k[left]!;
    const share = width > 0 ? Math.min(1, Math.max(0, -k[left]! / width)) : 0;
    return (1 - share) * mid[left]! + share * mid[right]!;
  });
  return pooled(raw);
}

/** Isotonic regression by pooling adjacent violators, ties then made strictly rising. */
function pooled(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    blocks.push({ sum: value, count: 1 });
    while (blocks.length > 1) {
      const [before, last] = [blocks.at(-2)!, blocks.at(-1)!];
      if (before.sum / before.count <= last.sum / last.count) break;
      blocks.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  const flat = blocks.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
  for (let i = 1; i < flat.length; i++) {
    flat[i] = Math.max(flat[i]!, flat[i - 1]! * (1 + RISE));
  }
  return flat;
}

export function phiOf({ eta, gamma }: SsviParameters, theta: number): number {
  return eta / (theta ** gamma * (1 + theta) ** (1 - gamma));
}

/** SSVI over all expiries: one ρ, η, γ inside the no-arbitrage domain, θ per expiry rising. */
export function fitSsvi(targets: readonly SliceTargets[]): SsviSlice[] {
  const samples = targets.map(sampleOf);
  const thetas = risingThetas(targets);
  const decode = (x: ArrayLike<number>): SsviParameters => {
    const rho = RHO_MAX * Math.tanh(x[0]!);
    const share = 1 / (1 + Math.exp(-x[1]!));
    const gamma = 1 / (1 + Math.exp(-x[2]!));
    return { rho, eta: (ETA_MARGIN * share) / (1 + Math.abs(rho)), gamma };
  };
  const objective = (x: ArrayLike<number>) => {
    const parameters = decode(x);
    let sum = 0;
    for (const [row, sample] of samples.entries()) {
      const theta = thetas[row]!;
      sum += misfit(sample, theta, parameters.rho, phiOf(parameters, theta));
    }
    return sum;
  };
  const run = nelderMead(objective, [-0.5, 0.5, 0], {
    steps: [0.4, 0.8, 0.5],
    valueTolerance: 1e-5,
    iterationsMax: 150,
    restarts: 0,
  });
  const parameters = decode(run.ok ? run.value.at : [-0.5, 0.5, 0]);
  return thetas.map((theta) => ({ theta, rho: parameters.rho, phi: phiOf(parameters, theta) }));
}

function isAdmissible(slice: SsviSlice): boolean {
  const { wing, centre } = ssviConditions(slice);
  return (
    slice.theta > 0 && slice.phi > 0 && Math.abs(slice.rho) < 0.99 && wing < 3.9 && centre <= 3.999
  );
}

/**
 * eSSVI: every slice's θ, ρ, ψ moved in turn from an admissible surface, each move kept inside the
 * conditions of Gatheral and Jacquier (butterfly) and of Hendriks and Martini against both neighbours
 * (calendar), so that every intermediate surface is free of arbitrage and the fit cannot fail.
 */
export function fitEssvi(
  targets: readonly SliceTargets[],
  start: readonly SsviSlice[],
): SsviSlice[] {
  const samples = targets.map(sampleOf);
  const slices = [...start];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let row = 0; row < slices.length; row++) {
      slices[row] = improved(samples[row]!, slices[row]!, slices[row - 1], slices[row + 1]);
    }
  }
  return slices;
}

function improved(
  sample: Sample,
  present: SsviSlice,
  before: SsviSlice | undefined,
  after: SsviSlice | undefined,
): SsviSlice {
  const decode = (x: ArrayLike<number>): SsviSlice => {
    const theta = Math.exp(x[0]!);
    return { theta, rho: x[1]!, phi: Math.exp(x[2]!) / theta };
  };
  const objective = (x: ArrayLike<number>) => {
    const slice = decode(x);
    const isAllowed =
      isAdmissible(slice) &&
      (before === undefined || areEssviOrdered(before, slice)) &&
      (after === undefined || areEssviOrdered(slice, after));
    if (!isAllowed) return Number.POSITIVE_INFINITY;
    return misfit(sample, slice.theta, slice.rho, slice.phi);
  };
  const start = [Math.log(present.theta), present.rho, Math.log(present.theta * present.phi)];
  if (!Number.isFinite(objective(start))) return present;
  const run = nelderMead(objective, start, {
    steps: [0.02, 0.05, 0.05],
    valueTolerance: 1e-4,
    iterationsMax: 60,
    restarts: 0,
  });
  return run.ok ? decode(run.value.at) : present;
}
