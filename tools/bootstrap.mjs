// Makes `npm start`, `npm test` and the rest work on a fresh clone with any Node from 20 on:
// installs what is missing, says so, then hands over to the pinned Node. Plain JavaScript without
// dependencies, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const dashboard = join(root, 'services', 'dashboard');
const jest = join(modules, 'jest', 'bin', 'jest.js');

/** Jest loads our ES modules through Node's vm API, which sits behind this flag. */
const JEST_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

const COMMANDS = {
  start: () => ['services/cerberus/src/main.ts', 'up'],
  cli: () => [join(root, 'services', 'cerberus', 'src', 'main.ts')],
  test: () => [...JEST_FLAGS, jest],
  check: () => ['tools/check/main.ts'],
  bench: () => ['bench/main.ts'],
  'bench:numbers': () => ['bench/numbers.ts'],
  'bench:cluster': () => ['bench/cluster.ts'],
  chaos: () => ['deploy/faults/embedded-kills.ts'],
  'chaos:cluster': () => ['deploy/faults/cluster-kills.ts'],
  generate: () => ['tools/generate/main.ts'],
  vectors: () => ['services/cerberus/src/main.ts', 'vectors'],
  accuracy: () => ['tools/accuracy/main.ts'],
  infra: () => ['tools/infra/main.ts'],
  cluster: () => ['tools/cluster/main.ts'],
  'test:cluster': () => ['tools/cluster/suite.ts'],
};
const NEEDS_DASHBOARD = new Set([
  'start',
  'cli',
  'cluster',
  'test',
  'test:cluster',
  'chaos:cluster',
]);

const [command = '', ...rest] = process.argv.slice(2);
const target = COMMANDS[command];
if (target === undefined) {
  console.error(`usage: node tools/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  process.exit(2);
}
const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Cerberus needs Node 20 or newer to start; this is ${process.version}.`);
  process.exit(1);
}

await ensureInstalled();
if (NEEDS_DASHBOARD.has(command)) await ensureDashboard();
// The command line reads and writes files where its user stands.
const cwd = command === 'cli' ? process.cwd() : root;
process.exitCode = await run(pinnedNode, [...target(), ...rest], { inherit: true, cwd });

async function ensureInstalled() {
  const stamp = join(modules, '.cerberus-install');
  const wanted = digest([join(root, 'package-lock.json')]);
  if (existsSync(pinnedNode) && readText(stamp) === wanted) return;
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'];
  await withProgress('Installing dependencies (first run only, about a minute)', () =>
    npm === undefined || !npm.endsWith('.js')
      ? run('npm', args)
      : run(process.execPath, [npm, ...args]),
  );
  writeFileSync(stamp, wanted);
}

async function ensureDashboard() {
  const sources = listFiles(join(dashboard, 'src'));
  for (const name of ['index.html', 'package.json', 'vite.config.ts', 'tsconfig.json']) {
    if (existsSync(join(dashboard, name))) sources.push(join(dashboard, name));
  }
  const stamp = join(dashboard, 'dist', '.stamp');
  const wanted = digest([...sources, join(root, 'package-lock.json')]);
  if (readText(stamp) === wanted) return;
  const vite = join(modules, 'vite', 'bin', 'vite.js');
  await withProgress('Building the dashboard', () =>
    run(pinnedNode, [vite, 'build', '--logLevel', 'warn'], { cwd: dashboard }),
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** One line that counts the seconds; on failure, everything the step printed. */
async function withProgress(label, step) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const interactive = process.stderr.isTTY;
  if (!interactive) console.error(`${label} …`);
  const timer = setInterval(() => {
    if (interactive) process.stderr.write(`\r${label} … ${seconds()} s`);
  }, 250);
  const code = await step();
  clearInterval(timer);
  process.stderr.write(
    `${interactive ? '\r' : ''}${label} … ${code === 0 ? 'done' : 'FAILED'} in ${seconds()} s\n`,
  );
  if (code !== 0) process.exit(code);
}

/** Runs a program; without `inherit` its output is kept and shown only when it fails. */
function run(program, args, { inherit = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const path = `${join(modules, 'node', 'bin')}:${join(modules, '.bin')}:${process.env['PATH']}`;
    const child = spawn(program, args, {
      cwd,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      // The install itself must run on the Node that is there.
      env: inherit || cwd !== root ? { ...process.env, PATH: path } : process.env,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    // Ctrl-C reaches the child through the terminal; a signal sent to us alone must be passed on.
    const forward = (signal) => child.kill(signal);
    process.on('SIGTERM', forward);
    process.on('SIGINT', () => undefined);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0 && output !== '') process.stderr.write(`\n${output}`);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest('hex');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
