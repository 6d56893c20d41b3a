import { spawn } from 'node:child_process';
import { type BenchResult, note, rounded } from './result.ts';

export type Topic = () => Promise<{ run(): Promise<BenchResult[]> }>;

/** Marks the process of one topic. */
const SINGLE = '--single';

/**
 * Runs the topics named in the arguments, all where none is, and prints one JSON list of their figures;
 * progress goes to stderr. Each topic runs in a process of its own, so that none is measured on what
 * another left in the heap or in the compiler.
 */
export async function runTopics(
  topics: Readonly<Record<string, Topic>>,
  main: { readonly file: string; readonly usage: string },
): Promise<void> {
  const names = process.argv.slice(2);
  if (names.includes('--help')) {
    note(`usage: ${main.usage}\ntopics: ${Object.keys(topics).join(', ')}`);
  } else if (names[0] === SINGLE) {
    const { run } = await found(topics, names[1])();
    process.stdout.write(JSON.stringify((await run()).map(inFewDigits)));
  } else {
    const chosen = names.length === 0 ? Object.keys(topics) : names;
    for (const name of chosen) found(topics, name);
    await runAll(chosen, main.file);
  }
}

async function runAll(chosen: readonly string[], file: string): Promise<void> {
  const results: BenchResult[] = [];
  for (const [index, name] of chosen.entries()) {
    note(`[${index + 1}/${chosen.length}] ${name}`);
    const startMs = performance.now();
    results.push(...(await runAlone(name, file)));
    note(`    ${Math.round((performance.now() - startMs) / 1000)} s`);
  }
  for (const { name, value, unit, met } of results) {
    note(`${met ? 'met   ' : 'MISSED'}  ${name}: ${value} ${unit}`);
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}

function found(topics: Readonly<Record<string, Topic>>, name = ''): Topic {
  const topic = topics[name];
  if (topic !== undefined) return topic;
  note(`there is no topic '${name}'; topics: ${Object.keys(topics).join(', ')}`);
  process.exit(2);
}

/** A topic that could not be measured is told on stderr and makes the whole run fail at its end. */
function runAlone(name: string, file: string): Promise<BenchResult[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, SINGLE, name], {
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
