// Kafka, ZooKeeper, PostgreSQL and Redis for this machine: `npm run infra:up`. In containers where an
// engine answers, else as processes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launch, runningPid, terminate } from '../background-process.ts';
import { hasEngine, runContainers } from './containers.ts';
import { waitUntilHealthy } from './health.ts';
import { kafkaParts } from './kafka.ts';
import { secretsOf } from './kafka-security.ts';
import type { Part } from './part.ts';
import { postgresPart } from './postgres.ts';
import { redisPart } from './redis.ts';
import { type PartName, readSettings, type Settings, USAGE } from './settings.ts';
import { createTopics } from './topics.ts';
import { zookeeperPart } from './zookeeper.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LOG_LINES = '40';
const STARTS_AGAIN_MAX = 10;
const START_AGAIN_MS = 1000;

const PARTS: Readonly<Record<PartName, (settings: Settings) => Part[]>> = {
  kafka: (settings) => kafkaParts(settings, root),
  zookeeper: (settings) => [zookeeperPart(settings)],
  postgres: (settings) => [postgresPart(settings)],
  redis: (settings) => [redisPart(settings)],
};

function partsOf(settings: Settings): Part[] {
  return settings.parts.flatMap((name) => PARTS[name](settings));
}

function filesOf(settings: Settings, name: string) {
  return {
    pidFile: join(settings.folder, 'run', `${name}.pid`),
    logFile: join(settings.folder, 'log', `${name}.log`),
  };
}

/** All are started before the first is waited for: three brokers elect a controller together. */
async function up(settings: Settings): Promise<boolean> {
  refuseLateSecurity(settings);
  mkdirSync(settings.folder, { recursive: true });
  const parts = partsOf(settings);
  for (const part of parts) {
    if (runningPid(filesOf(settings, part.name).pidFile) !== undefined) continue;
    if (await part.healthy()) {
      throw new Error(`port ${part.port} of ${part.name} is already served by another process`);
    }
    start(settings, part);
  }
  const started = await Promise.all(parts.map((part) => isUp(settings, part)));
  return started.every(Boolean);
}

/** Users are made when a broker's storage is: one that stands without them would let nobody in. */
function refuseLateSecurity({ secure, folder, parts }: Settings): void {
  if (!secure || !parts.includes('kafka') || secretsOf(folder).exist) return;
  const old = ['kafka', 'kafka-1'].find((name) => existsSync(join(folder, name, 'data')));
  if (old === undefined) return;
  throw new Error(
    `${join(folder, old)} was made without --secure: first infra:down -- kafka --wipe`,
  );
}

function start(settings: Settings, part: Part): void {
  launch({ ...part.prepare(), cwd: settings.folder, ...filesOf(settings, part.name) });
}

async function isUp(settings: Settings, part: Part): Promise<boolean> {
  const { pidFile, logFile } = filesOf(settings, part.name);
  const wait = () =>
    waitUntilHealthy({
      withinMs: part.startMs,
      healthy: () => part.healthy(),
      alive: () => runningPid(pidFile) !== undefined,
    });
  let isHealthy = await wait();
  // A server that was killed outright may find itself still there: its parent has not buried it yet.
  for (let again = 1; !isHealthy && again <= STARTS_AGAIN_MAX; again += 1) {
    if (runningPid(pidFile) !== undefined) break;
    await sleep(START_AGAIN_MS);
    start(settings, part);
    isHealthy = await wait();
  }
  const where = `127.0.0.1:${part.port}`;
  if (isHealthy) console.log(`${part.name}  up at ${where}, pid ${runningPid(pidFile)}`);
  else console.error(`${part.name}  did not come up at ${where}; see ${logFile}`);
  return isHealthy;
}

/** Whatever was started in the folder, with one broker or three. */
async function down(settings: Settings): Promise<boolean> {
  const run = join(settings.folder, 'run');
  const names = existsSync(run) ? readdirSync(run).map((file) => file.replace(/\.pid$/, '')) : [];
  const asked = names.filter((name) =>
    settings.parts.some((part) => name.replace(/-\d$/, '') === part),
  );
  const signals = new Map(partsOf(settings).map(({ name, stopSignal }) => [name, stopSignal]));
  await Promise.all(
    asked.map(async (name) => {
      const { pidFile } = filesOf(settings, name);
      const isClean = await terminate(pidFile, { signal: signals.get(name) ?? 'SIGTERM' });
      console.log(`${name}  ${isClean ? 'stopped' : 'had to be killed'}`);
    }),
  );
  if (asked.length === 0) console.log('nothing runs');
  if (settings.wipe) {
    for (const name of new Set([...asked, ...partsOf(settings).map((part) => part.name)])) {
      rmSync(join(settings.folder, name), { recursive: true, force: true });
    }
    // Of no use to storage that is made anew.
    if (settings.parts.includes('kafka')) {
      rmSync(secretsOf(settings.folder).folder, { recursive: true, force: true });
    }
  }
  return true;
}

async function status(settings: Settings): Promise<boolean> {
  let all = true;
  for (const part of partsOf(settings)) {
    const pid = runningPid(filesOf(settings, part.name).pidFile);
    const isHealthy = pid !== undefined && (await part.healthy());
    const state = isHealthy ? 'up' : pid === undefined ? 'down' : 'running, does not answer';
    console.log(
      `${part.name}  ${state}  127.0.0.1:${part.port}${pid === undefined ? '' : `  pid ${pid}`}`,
    );
    all &&= isHealthy;
  }
  return all;
}

function logs(settings: Settings): boolean {
  const files = partsOf(settings).map(({ name }) => filesOf(settings, name).logFile);
  const there = files.filter((file) => existsSync(file));
  if (there.length === 0) {
    console.error(`there are no logs in ${join(settings.folder, 'log')}`);
    return false;
  }
  const follow = settings.follow ? ['-F'] : [];
  return (
    spawnSync('tail', ['-n', LOG_LINES, ...follow, ...there], { stdio: 'inherit' }).status === 0
  );
}

async function run(settings: Settings): Promise<boolean> {
  if (settings.command !== 'topics' && !settings.native && hasEngine()) {
    return runContainers(settings, root);
  }
  switch (settings.command) {
    case 'up':
      return await up(settings);
    case 'down':
      return await down(settings);
    case 'status':
      return await status(settings);
    case 'logs':
      return logs(settings);
    case 'topics':
      return await createTopics(settings, root);
  }
}

function settingsOrUsage(): Settings | undefined {
  try {
    return readSettings(process.argv.slice(2), root);
  } catch (error) {
    console.error(`${messageOf(error)}\n${USAGE}`);
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const settings = settingsOrUsage();
if (settings === undefined) process.exitCode = 2;
else {
  try {
    process.exitCode = (await run(settings)) ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}
