import { type BenchResult, median } from '../result.ts';
import type { QuantLibPeer } from './peer.ts';

const ROUNDS = 11;
const WARM_UP_SECONDS = 0.6;

export interface Contest {
  readonly name: string;
  /** Of one item, in the unit. */
  readonly unit: string;
  /** Items of one own round. */
  readonly count: number;
  /** Items of one round of the peer, where it is not the same. */
  readonly peerCount?: number;
  readonly own: () => void;
  readonly peer: QuantLibPeer | undefined;
  readonly topic: string;
  readonly peerName: string;
  /** What is said of the values of both, once both have run. */
  readonly agreement: (peer: QuantLibPeer) => string;
  /** Times the peer's throughput; 0 for a figure that has no goal. */
  readonly goal: number;
  /** Whether the values stand; false fails the goal whatever the speed. */
  readonly isRight?: () => boolean;
}

/**
 * Throughput of both sides in items per second of CPU time, in rounds that take turns; medians. CPU time
 * because it is what one core does, whatever else runs on the machine; ours counts every thread of the
 * process, compiler and garbage collector included.
 */
export async function versus(contest: Contest): Promise<BenchResult> {
  const { own, peer, topic, count, peerCount = count } = contest;
  const warmUntil = cpuSeconds() + WARM_UP_SECONDS;
  while (cpuSeconds() < warmUntil) own();
  if (peer !== undefined) await peer.round(topic);
  const ownRates: number[] = [];
  const peerRates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = cpuSeconds();
    own();
    ownRates.push(count / (cpuSeconds() - start));
    if (peer !== undefined) peerRates.push(peerCount / (await peer.round(topic)));
  }
  const value = median(ownRates);
  const base = {
    name: contest.name,
    unit: contest.unit,
    value,
    n: count * ROUNDS,
    goal: contest.goal === 0 ? 'none of its own' : `at least ${contest.goal} × the peer`,
  };
  if (peer === undefined) return { ...base, peer: null, met: false } as unknown as BenchResult;
  const peerValue = median(peerRates);
  const ratio = value / peerValue;
  return {
    ...base,
    peer: `QuantLib ${peer.version} ${contest.peerName}; ${contest.agreement(peer)}`,
    peer_value: peerValue,
    ratio,
    met: ratio >= contest.goal && (contest.isRight?.() ?? true),
  };
}

export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e-6;
}

/** Runs with the peer up and ends it whatever happens. */
export async function withPeer<T>(
  start: () => Promise<QuantLibPeer | undefined>,
  work: (peer: QuantLibPeer | undefined) => Promise<T>,
): Promise<T> {
  const peer = await start();
  try {
    return await work(peer);
  } finally {
    peer?.stop();
  }
}

/** Largest |own − other| / max(|other|, floor) over pairs. */
export function largestError(
  own: ArrayLike<number>,
  other: ArrayLike<number>,
  floor: number,
): number {
  let worst = 0;
  for (let i = 0; i < own.length; i += 1) {
    const error = Math.abs(own[i]! - other[i]!) / Math.max(Math.abs(other[i]!), floor);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}
