import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { type Logger, syncFolder, writeDurably } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { CLUSTER } from './cluster-home.ts';
import type { ServerUser } from './operating-system-user.ts';

export const DATABASE_USER = 'cerberus';

const PASSWORD_FILE = 'password';
const TAIL_BYTES = 4000;

export interface Cluster {
  readonly path: string;
  readonly password: string;
  /** Made just now. */
  readonly isNew: boolean;
}

export interface ClusterOptions {
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly log: Logger;
}

/** The cluster in its home, made when missing; data of another major version is refused. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, binaries } = options;
  const path = join(home, CLUSTER);
  const isNew = !existsSync(path);
  const password = passwordOf(home, !isNew);
  if (isNew) await createCluster(path, password, options);
  else checkVersion(path, binaries.majorVersion);
  return { path, password, isNew };
}

function passwordOf(home: string, hasCluster: boolean): string {
  const file = join(home, PASSWORD_FILE);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (hasCluster) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.DATA_MISSING, {
        message: `${file} with the password of the relational data is gone; restore it from a backup`,
      }),
    );
  }
  const password = randomBytes(24).toString('base64url');
  writeDurably(file, `${password}\n`);
  return password;
}

function checkVersion(path: string, majorVersion: string): void {
  const file = join(path, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown';
  if (found === majorVersion) return;
  throw new CerberusError(
    faultOf(STORE_ERRORS.DATA_VERSION, {
      message: `the relational data in ${path} belongs to PostgreSQL ${found}, this version of Cerberus brings PostgreSQL ${majorVersion}; run the version that made it and export its data, or use another data folder`,
      expected: majorVersion,
      received: found,
    }),
  );
}

/** Made beside its place and renamed when whole: a first start cut short leaves nothing half made. */
async function createCluster(
  path: string,
  password: string,
  options: ClusterOptions,
): Promise<void> {
  const { home, binaries, user, log } = options;
  for (const name of readdirSync(home)) {
    if (name.startsWith(`${CLUSTER}.new-`))
      rmSync(join(home, name), { recursive: true, force: true });
  }
  log.info({ path }, 'making the PostgreSQL data folder');
  const partial = join(home, `${CLUSTER}.new-${process.pid}`);
  const passwordFile = join(home, `${CLUSTER}.new-${process.pid}.password`);
  mkdirSync(partial, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user.isOther) {
    chownSync(partial, user.uid, user.gid);
    chownSync(passwordFile, user.uid, user.gid);
  }
  try {
    await runInitdb(binaries, user, [
      `--pgdata=${partial}`,
      `--username=${DATABASE_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(partial, path);
  syncFolder(home);
}

function runInitdb(binaries: Binaries, user: ServerUser, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, args, {
      ...identityOf(user),
      cwd: '/',
      env: environmentOf(binaries),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        tail = (tail + chunk.toString()).slice(-TAIL_BYTES);
      });
    }
    const refuse = (reason: string): void => {
      const message = `the PostgreSQL data folder could not be made (${reason}): ${tail.trim()}`;
      reject(new CerberusError(faultOf(STORE_ERRORS.ENGINE_START_FAILED, { message })));
    };
    child.once('error', (error) => refuse(error.message));
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : refuse(`initdb ended with ${code ?? signal}`),
    );
  });
}

export function identityOf(user: ServerUser): { uid?: number; gid?: number } {
  return user.isOther ? { uid: user.uid, gid: user.gid } : {};
}

/** Nothing of ours: no PG* variable, no secret of this process. */
export function environmentOf(binaries: Binaries): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    LD_LIBRARY_PATH: binaries.libraries,
    DYLD_LIBRARY_PATH: binaries.libraries,
  };
}
