import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import type { Logger } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';

/** Who runs the server: PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether that is another user than the one this process runs as. */
  readonly isOther: boolean;
}

const ACCOUNT = 'postgres';
const READ_AND_ENTER = 0o5;
const ENTER = 0o1;

/** This user, or as root the owner of the existing data, else the system's `postgres` user, made when missing. */
export function serverUser(existingData: string | undefined, log: Logger): ServerUser {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.ENGINE_UNUSABLE, {
        message: `the embedded PostgreSQL does not run on ${process.platform}; give an external one with store.url`,
      }),
    );
  }
  if (uid !== 0) return { name: String(uid), uid, gid, isOther: false };
  if (existingData !== undefined) {
    const owner = statSync(existingData);
    if (owner.uid !== 0)
      return { name: String(owner.uid), uid: owner.uid, gid: owner.gid, isOther: true };
  }
  const found = accountOf(ACCOUNT) ?? createAccount(log) ?? accountOf('nobody');
  if (found !== undefined) return { ...found, isOther: true };
  throw new CerberusError(
    faultOf(STORE_ERRORS.ENGINE_UNUSABLE, {
      message: `PostgreSQL does not run as root and no user "${ACCOUNT}" could be made; run as an ordinary user or give an external one with store.url`,
    }),
  );
}

function accountOf(name: string): { name: string; uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const [, , uid, gid] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid) };
}

function createAccount(log: Logger): ReturnType<typeof accountOf> {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    [
      'useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        ACCOUNT,
      ],
    ],
    // BusyBox, e.g. Alpine.
    ['adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', ACCOUNT]],
  ];
  for (const [command, args] of commands) {
    if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) continue;
    const account = accountOf(ACCOUNT);
    if (account === undefined) continue;
    log.info(
      { uid: account.uid },
      `made the system user "${ACCOUNT}", as PostgreSQL does not run as root`,
    );
    return account;
  }
  return undefined;
}

/** Whether the user may enter a folder and all above it; for those not there yet, the nearest that is. */
export function canEnter(user: ServerUser, folder: string): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (existsSync(path) && !isAllowed(user, path, ENTER)) return false;
    if (path === dirname(path)) return true;
  }
}

export function canRead(user: ServerUser, path: string): boolean {
  return canEnter(user, dirname(path)) && isAllowed(user, path, READ_AND_ENTER);
}

function isAllowed(user: ServerUser, path: string, bits: number): boolean {
  const { uid, gid, mode } = statSync(path);
  if (uid === user.uid) return ((mode >> 6) & bits) === bits;
  if (gid === user.gid) return ((mode >> 3) & bits) === bits;
  return (mode & bits) === bits;
}

/** Lets the server's user, and nobody else, pass through a private folder of ours without listing it. */
export function letPass(user: ServerUser, folder: string): void {
  if (!user.isOther) return;
  const { uid, gid, mode } = statSync(folder);
  if (uid === user.uid || (mode & ENTER) !== 0) return;
  if (gid !== user.gid) chownSync(folder, uid, user.gid);
  chmodSync(folder, (mode & 0o700) | 0o010);
}
