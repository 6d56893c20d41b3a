// `npm run check`: every rule of CONTRIBUTING.md that a machine can hold, in one command.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBannedCalls } from './banned-calls.ts';
import { checkBoundaries } from './boundaries.ts';
import { checkCompatibility } from './compatibility.ts';
import { type Finding, formatFinding } from './finding.ts';
import { checkSize } from './size.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Check {
  readonly name: string;
  run(): Promise<string[]>;
}

const CHECKS: readonly Check[] = [
  program('format and lint', 'biome', ['check', '--error-on-warnings', '--colors=off', '.']),
  program('types', 'tsc', ['-p', '.', '--noEmit']),
  ...(existsSync(join(root, 'services/dashboard/tsconfig.json'))
    ? [
        program('dashboard types', 'tsc', ['-p', 'services/dashboard', '--noEmit']),
        program('dashboard test types', 'tsc', ['-p', 'services/dashboard/test', '--noEmit']),
      ]
    : []),
  rules('layer boundaries', () => checkBoundaries(root)),
  rules('banned calls and names', async () => checkBannedCalls(root)),
  rules('file and function size', async () => checkSize(root)),
  rules('schema compatibility', async () => checkCompatibility(root)),
  program('dead exports and dependencies', 'knip', ['--no-progress', '--no-config-hints']),
  program('generated code and docs', 'node', ['tools/generate/main.ts', '--check']),
];

let failed = 0;
for (const check of CHECKS) {
  const started = performance.now();
  const problems = await check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
  for (const problem of problems) console.log(`     ${problem}`);
  if (problems.length > 0) failed += 1;
}
console.log(`check: ${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function rules(name: string, find: () => Promise<Finding[]>): Check {
  return { name, run: async () => (await find()).map(formatFinding) };
}

function program(name: string, command: string, args: readonly string[]): Check {
  return {
    name,
    run: async () => {
      const path = `${join(root, 'node_modules/node/bin')}:${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
      const done = spawnSync(command, args, {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, PATH: path, NO_COLOR: '1' },
        maxBuffer: 64 * 1024 * 1024,
      });
      if (done.error !== undefined) return [`${command} did not start: ${done.error.message}`];
      if (done.status === 0) return [];
      return `${done.stdout}${done.stderr}`.split('\n').filter((line) => line.trim() !== '');
    },
  };
}
