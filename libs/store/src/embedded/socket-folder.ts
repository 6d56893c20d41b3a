import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { STORE_ERRORS } from '../errors.ts';
import type { ServerUser } from './operating-system-user.ts';

/** Part of the socket's name; nothing listens on a network port. */
export const SOCKET_PORT = 5432;

/** `sun_path` less its end; macOS has 104, Linux 108. */
const LONGEST_SOCKET_PATH = 103;

/**
 * A private folder for the server's socket. Data folders may lie deep, socket paths may not be long,
 * so it is made in `/tmp`, under the same name at every start; if somebody else has that name, under
 * a random one.
 */
export function socketFolder(cluster: string, user: ServerUser): string {
  const base = existsSync('/tmp') ? '/tmp' : tmpdir();
  const place = createHash('sha256').update(cluster).digest('hex').slice(0, 16);
  const usual = join(base, `.cerberus-${place}`);
  const folder = isOurs(usual, user) ? usual : own(mkdtempSync(join(base, '.cerberus-')), user);
  if (join(folder, `.s.PGSQL.${SOCKET_PORT}.lock`).length > LONGEST_SOCKET_PATH) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.ENGINE_UNUSABLE, {
        message: `the path of PostgreSQL's socket in ${folder} is too long; set TMPDIR to a short folder`,
      }),
    );
  }
  return folder;
}

function isOurs(folder: string, user: ServerUser): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    own(folder, user);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { uid, mode } = lstatSync(folder);
  return lstatSync(folder).isDirectory() && uid === user.uid && (mode & 0o077) === 0;
}

function own(folder: string, user: ServerUser): string {
  chmodSync(folder, 0o700);
  if (user.isOther) chownSync(folder, user.uid, user.gid);
  return folder;
}
