/** One line of `npm run -s bench`. Medians over runs; the peer is measured in the same run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Operations or samples behind the value. */
  readonly n: number;
  readonly p50?: number;
  readonly p99?: number;
  /** What it is compared with. */
  readonly peer?: string;
  readonly peer_value?: number;
  readonly ratio?: number;
  /** In words, with its figure. */
  readonly goal: string;
  readonly met: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}
