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
  return quantile(values, 0.5);
}

/** Linear between order statistics (type 7 of Hyndman and Fan 1996), so that 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

const DIGITS = 4;

/** Figures with as many digits as they are good for. */
export function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** What a person wants to know while the figures are made; the figures alone go to stdout. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Mean µs of one call, over a loop long enough for the clock. */
export function meanUs(calls: number, call: (index: number) => unknown): number {
  const start = performance.now();
  for (let index = 0; index < calls; index += 1) call(index);
  return ((performance.now() - start) * 1000) / calls;
}

/** Prints the figures of a topic that is run by itself. */
export async function printResults(run: () => Promise<BenchResult[]>): Promise<void> {
  process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
}
