import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CerberusError, faultOf } from '@cerberus/core';
import { RUNTIME_ERRORS } from './errors.ts';
import { messageOf } from './supervisor.ts';

const LOCK_FILE = 'lock';
const OWNER_FILE = 'lock.owner';

export interface InstanceLock {
  release(): void;
}

/**
 * One process per folder. The lock is SQLite's exclusive file lock, which the operating system takes
 * away when the process ends however it ends; a lock file with a pid in it would outlive `kill -9`.
 * POSIX drops such a lock when the process closes any descriptor of the file, so nothing else may
 * open it; who holds it is written beside it.
 */
export function acquireInstanceLock(folder: string, what: string): InstanceLock {
  const ownerFile = join(folder, OWNER_FILE);
  const database = new DatabaseSync(join(folder, LOCK_FILE));
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test(messageOf(error))) throw error;
    throw new CerberusError(
      faultOf(RUNTIME_ERRORS.ALREADY_IN_USE, {
        message: `${what} ${folder} is already in use by pid ${ownerOf(ownerFile)}; stop that process or choose another folder`,
        received: folder,
      }),
    );
  }
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

function ownerOf(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
