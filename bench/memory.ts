import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { withPlatform } from './platform.ts';
import { type BenchResult, note, printResults } from './result.ts';

/*
 * Memory of the whole embedded run, PostgreSQL and its keeper included, some time after it has become
 * ready with the demo book and the simulated market. Proportional set size: a page that n processes
 * share counts 1/n in each, so that the sum is what the machine is short of. Linux only.
 */

const SETTLE_MS = 30_000;
const ROUNDS = 3;
const GOAL_MIB = 500;

export async function run(): Promise<BenchResult[]> {
  if (!existsSync('/proc/self/smaps_rollup')) {
    note('    no /proc/<pid>/smaps_rollup on this system: memory is not measured');
    return [];
  }
  return withPlatform({}, async (platform) => {
    await pause(SETTLE_MS);
    const sums: { pss: number; rss: number; processes: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      sums.push(memoryOf(platform.pid!));
      await pause(1000);
    }
    sums.sort((a, b) => a.pss - b.pss);
    const { pss, rss, processes } = sums[ROUNDS >> 1]!;
    note(`    ${processes} processes, RSS ${Math.round(rss)} MiB, PSS ${Math.round(pss)} MiB`);
    return [
      {
        name: 'memory of the embedded run with the demo book, PSS of all its processes',
        unit: 'MiB',
        value: pss,
        n: ROUNDS,
        peer: 'RSS summed over the same processes, which counts shared pages more than once',
        peer_value: rss,
        ratio: pss / rss,
        goal: `at most ${GOAL_MIB} MiB ${SETTLE_MS / 1000} s after it is ready`,
        met: pss <= GOAL_MIB,
      },
    ];
  });
}

function memoryOf(root: number): { pss: number; rss: number; processes: number } {
  const pids = descendants(root);
  const sum = { pss: 0, rss: 0, processes: pids.length };
  for (const pid of pids) {
    const { pss, rss } = memoryOfProcess(pid);
    sum.pss += pss;
    sum.rss += rss;
  }
  return sum;
}

/** MiB, of the process alone. */
export function memoryOfProcess(pid: number): { readonly pss: number; readonly rss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { pss: mib(rollup, 'Pss'), rss: mib(rollup, 'Rss') };
}

function mib(rollup: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const parent = parentOf(entry);
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [Number(entry)]);
    else siblings.push(Number(entry));
  }
  const found: number[] = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parentOf(entry: string): number | undefined {
  if (!/^\d+$/.test(entry)) return undefined;
  try {
    const status = readFileSync(`/proc/${entry}/status`, 'utf8');
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  } catch {
    return undefined; // It ended while the list was read.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) await printResults(run);
