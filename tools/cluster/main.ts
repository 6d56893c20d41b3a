// Every service as a process of its own over the infrastructure of this machine: `npm run cluster:up`.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, runningPid, terminate } from '../background-process.ts';
import { administratorLogin, secretsIn } from '../infra/kafka-security.ts';
import { bundleServices } from './bundles.ts';
import { demoBookFile, writeConfiguration } from './configuration.ts';
import { dataFolderOf, filesOf, type Instance, type Plan, planFileOf, planOf } from './plan.ts';
import { type InstanceState, stateOf, untilReady } from './readiness.ts';
import { readSettings, type Settings, USAGE } from './settings.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SUPERVISOR = 'supervisor';
const START_MS_MAX = 120_000;
const DRAIN_MS_MAX = 60_000;
const LOG_LINES = '40';
/** Of each record, where there are as many brokers. */
const COPIES = 3;

async function up(settings: Settings): Promise<boolean> {
  mkdirSync(settings.folder, { recursive: true });
  // Processes that run keep the program that they were started with.
  if (!alive(settings)()) await bundleServices(root);
  writeConfiguration(settings);
  makeTopics(settings);
  const plan = planOf(settings, root);
  // Positions are made around the prices of the venue, so the venue comes first.
  if (!existsSync(demoBookFile(settings.folder)) && settings.configFile === undefined) {
    const first = plan.instances.filter(({ service }) => service === 'venue-sim');
    follow(settings, { ...plan, instances: first });
    await untilReady(first, START_MS_MAX, alive(settings));
    writeDemoBook(settings);
  }
  follow(settings, plan);
  const states = await untilReady(plan.instances, START_MS_MAX, alive(settings), (missing) => {
    process.stderr.write(`waiting for ${missing.join(', ')} …\n`);
  });
  const isUp = states.every(({ ready }) => ready);
  if (settings.json) console.log(JSON.stringify(placesOf(settings, plan), null, 2));
  else console.log(isUp ? banner(settings, plan) : `not ready:\n${table(states)}\n${hint(states)}`);
  return isUp;
}

/** The supervisor of an earlier call takes the new plan over. */
function follow(settings: Settings, plan: Plan): void {
  const file = planFileOf(settings.folder);
  writeFileSync(`${file}.new`, JSON.stringify(plan, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const files = filesOf(settings.folder, SUPERVISOR);
  const pid = runningPid(files.pidFile);
  if (pid !== undefined) {
    process.kill(pid, 'SIGHUP');
    return;
  }
  const program = join(root, 'tools', 'cluster', 'supervisor.ts');
  launch({ program: process.execPath, args: [program, file], cwd: root, ...files });
}

function alive({ folder }: Settings): () => boolean {
  return () => runningPid(filesOf(folder, SUPERVISOR).pidFile) !== undefined;
}

function makeTopics({ kafka, kafkaSecurity }: Settings): void {
  const replicas = kafka.length >= COPIES ? COPIES : 1;
  const args = ['topics', '--brokers', kafka.join(','), '--replicas', String(replicas)];
  if (kafkaSecurity === undefined) cerberus(args);
  else cerberus([...args, '--acls'], administratorLogin(secretsIn(kafkaSecurity)));
}

function writeDemoBook({ folder, venuePort }: Settings): void {
  cerberus(['demo-book', demoBookFile(folder), '--rest', `http://127.0.0.1:${venuePort}`]);
}

/** A command of the platform's own command line. */
function cerberus(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): void {
  const main = join(root, 'services', 'cerberus', 'src', 'main.ts');
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`cerberus ${args.join(' ')} failed:\n${stderr}`);
}

async function status(settings: Settings): Promise<boolean> {
  const plan = readPlan(settings);
  const states = await Promise.all(plan.instances.map((instance) => stateOf(instance)));
  if (settings.json) console.log(JSON.stringify(states, null, 2));
  else console.log(table(states));
  return states.every(({ ready }) => ready);
}

async function down(settings: Settings): Promise<boolean> {
  const { pidFile } = filesOf(settings.folder, SUPERVISOR);
  const isClean = await terminate(pidFile, { withinMs: DRAIN_MS_MAX });
  const runFolder = join(settings.folder, 'run');
  const left = existsSync(runFolder) ? readdirSync(runFolder) : [];
  for (const file of left) await terminate(join(runFolder, file));
  if (settings.wipe) rmSync(settings.folder, { recursive: true, force: true });
  console.log(isClean ? 'all services have stopped' : 'stopped, not cleanly: see the logs');
  return isClean;
}

function logs({ folder, instance, follow: follows }: Settings): boolean {
  const folderOfLogs = join(folder, 'log');
  const names = existsSync(folderOfLogs) ? readdirSync(folderOfLogs) : [];
  const wanted = names.filter((name) => instance === undefined || name === `${instance}.log`);
  if (wanted.length === 0) throw new Error(`no log of ${instance ?? 'any service'} in ${folder}`);
  const args = ['-n', LOG_LINES, ...(follows ? ['-F'] : []), ...wanted.sort()];
  return spawnSync('tail', args, { cwd: folderOfLogs, stdio: 'inherit' }).status === 0;
}

function readPlan({ folder }: Settings): Plan {
  const file = planFileOf(folder);
  if (!existsSync(file)) throw new Error(`no cluster was started in ${folder}: npm run cluster:up`);
  return JSON.parse(readFileSync(file, 'utf8')) as Plan;
}

function placesOf({ folder, port }: Settings, plan: Plan) {
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ dashboard: `${url}/`, api: `${url}/api/v1/risk`, docs: `${url}/docs`, folder },
    api_key_file: join(dataFolderOf(folder, { service: 'gateway', name: 'gateway-1' }), 'api-key'),
    processes: plan.instances.map(({ name, healthPort }: Instance) => ({
      ...{ name, health: `http://127.0.0.1:${healthPort}` },
    })),
  };
}

function banner(settings: Settings, plan: Plan): string {
  const { dashboard, api, docs, folder, api_key_file } = placesOf(settings, plan);
  return [
    `Cerberus is up: ${plan.instances.length} processes, simulated venue, orders are not real.`,
    `  dashboard  ${dashboard}`,
    `  REST       ${api}   (docs ${docs})`,
    `  API key    ${api_key_file}`,
    `  folder     ${folder}`,
    'npm run cluster:status, cluster:logs, cluster:down; cluster:up again with another --scale',
  ].join('\n');
}

function table(states: readonly InstanceState[]): string {
  const width = Math.max(...states.map(({ name }) => name.length));
  return states
    .map(({ name, ready, detail, healthPort }) => {
      return `${name.padEnd(width)}  ${ready ? 'ready    ' : 'NOT READY'}  :${healthPort}  ${detail}`;
    })
    .join('\n');
}

function hint(states: readonly InstanceState[]): string {
  const [name = ''] = states.filter(({ ready }) => !ready).map((state) => state.name);
  return `more: npm run cluster:logs -- ${name}`;
}

const RUN = { up, status, down, logs } as const;

try {
  const settings = readSettings(process.argv.slice(2), root);
  process.exitCode = (await RUN[settings.command](settings)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
