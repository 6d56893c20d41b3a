import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Newest version folder of Debian's PostgreSQL, or nothing. */
export function postgresBinaries(): string | undefined {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return undefined;
  const versions = readdirSync(base).filter((name) =>
    existsSync(join(base, name, 'bin', 'postgres')),
  );
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(base, newest, 'bin');
}

/** Makes a program available from its Debian package, or says how. */
export function ensurePackage(name: string, isThere: () => boolean): void {
  if (isThere()) return;
  const install = `apt-get install -y --no-install-recommends ${name}`;
  const mayInstall = process.getuid?.() === 0 && has('apt-get');
  if (!mayInstall) throw new Error(`${name} is not installed; as root: ${install}`);
  console.log(`installing ${name} …`);
  const lock = ['-o', 'DPkg::Lock::Timeout=600'];
  // The package must not start its own server: ours runs on a port and folder of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', [...lock, 'update', '-qq'], { stdio: 'ignore', env });
  const args = [...lock, 'install', '-y', '-qq', '--no-install-recommends', name];
  const { status, stderr } = spawnSync('apt-get', args, { encoding: 'utf8', env });
  if (status !== 0 || !isThere()) throw new Error(`${install} failed:\n${stderr.trim()}`);
}

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/** Kafka's jars, fetched once through Maven from the versions that `deploy/infra/pom.xml` pins. */
export function ensureKafkaJars(root: string, cache: string): string {
  ensurePackage('openjdk-17-jre-headless', () => has('java'));
  const jars = join(cache, 'kafka-4.1.0');
  if (existsSync(jars)) return jars;
  ensurePackage('maven', () => has('mvn'));
  console.log('fetching Kafka 4.1.0 (43 MB, once) …');
  // Half a download must not look like a whole one.
  const partial = `${jars}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const goal = [
    'dependency:copy-dependencies',
    `-DoutputDirectory=${partial}`,
    '-DincludeScope=runtime',
  ];
  const pom = join(root, 'deploy', 'infra', 'pom.xml');
  const { status, stdout } = spawnSync('mvn', ['-q', '-B', '-f', pom, ...goal], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Maven could not fetch Kafka:\n${stdout.trim()}`);
  renameSync(partial, jars);
  return jars;
}
