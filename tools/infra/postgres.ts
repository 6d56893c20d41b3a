import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './part.ts';
import { ensurePackage, postgresBinaries } from './requirements.ts';
import type { Settings } from './settings.ts';

const USER = 'cerberus';
const DATABASE = 'cerberus';

export function postgresPart({ folder: base, ports }: Settings): Part {
  const folder = join(base, 'postgres');
  const data = join(folder, 'data');
  const port = ports.postgres;
  return {
    name: 'postgres',
    port,
    startMs: 60_000,
    // "Fast": ends sessions rather than waiting for them.
    stopSignal: 'SIGINT',
    prepare() {
      ensurePackage('postgresql', () => postgresBinaries() !== undefined);
      const user = serverUser();
      mkdirSync(folder, { recursive: true });
      if (user !== undefined) chownSync(folder, user.uid, user.gid);
      initialize(data, user);
      const settings = {
        port: String(port),
        listen_addresses: '127.0.0.1',
        unix_socket_directories: folder,
        shared_buffers: '32MB',
        max_connections: '60',
      };
      const options = Object.entries(settings).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]);
      return { program: join(binaries(), 'postgres'), args: ['-D', data, ...options], user };
    },
    async healthy() {
      if (postgresBinaries() === undefined) return false;
      const where = ['-h', '127.0.0.1', '-p', String(port), '-U', USER];
      const isReady = spawnSync(join(binaries(), 'pg_isready'), ['-q', ...where]).status === 0;
      return isReady && createDatabase(where);
    },
  };
}

function binaries(): string {
  const found = postgresBinaries();
  if (found === undefined) throw new Error('PostgreSQL is not installed');
  return found;
}

/** PostgreSQL refuses to run as root: then its own user runs it. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error('there is no user postgres to run PostgreSQL as');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

function initialize(data: string, user: { uid: number; gid: number } | undefined): void {
  if (existsSync(join(data, 'global', 'pg_control'))) return;
  rmSync(data, { recursive: true, force: true });
  const args = ['-D', data, '-U', USER, '--auth=trust', '--locale=C', '--encoding=UTF8'];
  const options = { encoding: 'utf8' as const, cwd: '/', ...(user ?? {}) };
  const { status, stderr } = spawnSync(join(binaries(), 'initdb'), args, options);
  if (status === 0) return;
  throw new Error(
    `PostgreSQL cannot make its data in ${data} (its user must be able to reach the folder; see --folder):\n${stderr}`,
  );
}

function createDatabase(where: readonly string[]): boolean {
  const { status, stderr } = spawnSync(join(binaries(), 'createdb'), [...where, DATABASE], {
    encoding: 'utf8',
  });
  return status === 0 || stderr.includes('already exists');
}
