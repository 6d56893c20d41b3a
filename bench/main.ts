import { spawn } from 'node:child_process';
import { type BenchResult, note, rounded } from './result.ts';

/**
 * Runs the benchmarks and prints one JSON list of their figures; progress goes to stderr. Each topic
 * runs in a process of its own, so that none is measured on what another left in the heap or in the
 * compiler.
 *   npm run -s bench [-- <topic> …]
 */
type Topic = () => Promise<{ run(): Promise<BenchResult[]> }>;

const TOPICS: Readonly<Record<string, Topic>> = {
  depth: () => import('./depth.ts'),
  limits: () => import('./limit-checks.ts'),
  log: () => import('./event-log.ts'),
  greeks: () => import('./greeks.ts'),
  'pre-trade-check': () => import('./pre-trade-check.ts'),
  'venue-sim': () => import('./venue-sim.ts'),
  orders: () => import('./order-latency.ts'),
  memory: () => import('./memory.ts'),
};

/** Marks the process of one topic. */
const SINGLE = '--single';

const names = process.argv.slice(2);
if (names.includes('--help')) {
  note(`usage: npm run -s bench [-- <topic> …]\ntopics: ${Object.keys(TOPICS).join(', ')}`);
} else if (names[0] === SINGLE) {
  const { run } = await topic(names[1])();
  process.stdout.write(JSON.stringify((await run()).map(inFewDigits)));
} else await runAll(names.length === 0 ? Object.keys(TOPICS) : names);

async function runAll(chosen: readonly string[]): Promise<void> {
  for (const name of chosen) topic(name);
  const results: BenchResult[] = [];
  for (const [index, name] of chosen.entries()) {
    note(`[${index + 1}/${chosen.length}] ${name}`);
    const startMs = performance.now();
    results.push(...(await runAlone(name)));
    note(`    ${Math.round((performance.now() - startMs) / 1000)} s`);
  }
  for (const { name, value, unit, met } of results) {
    note(`${met ? 'met   ' : 'MISSED'}  ${name}: ${value} ${unit}`);
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}

function topic(name = ''): Topic {
  const found = TOPICS[name];
  if (found !== undefined) return found;
  note(`there is no topic '${name}'; topics: ${Object.keys(TOPICS).join(', ')}`);
  process.exit(2);
}

/** A topic that could not be measured is told on stderr and makes the whole run fail at its end. */
function runAlone(name: string): Promise<BenchResult[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [import.meta.filename, SINGLE, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('close', (code) => {
      if (code === 0) return resolve(JSON.parse(Buffer.concat(output).toString()));
      note(`    FAILED: ${name} ended with ${code}`);
      process.exitCode = 1;
      resolve([]);
    });
  });
}

function inFewDigits(result: BenchResult): BenchResult {
  return Object.fromEntries(
    Object.entries(result).map(([key, value]) => [
      key,
      typeof value === 'number' && key !== 'n' ? rounded(value) : value,
    ]),
  ) as unknown as BenchResult;
}
