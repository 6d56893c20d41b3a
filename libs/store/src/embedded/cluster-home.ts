import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { type Logger, writeDurably } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import { SHARED_ROOT } from './binaries.ts';
import { canEnter, letPass, type ServerUser } from './operating-system-user.ts';

const MARKER = 'location.json';

/** Folder of the cluster itself, inside its home. */
export const CLUSTER = 'cluster';

interface Marker {
  readonly home: string;
  /** Set once data was there: from then on missing data is a loss and not a beginning. */
  readonly hasData: boolean;
}

export interface ClusterHomeOptions {
  /** Folder of the store within the data folder. */
  readonly folder: string;
  /** Outermost folder that is ours to open for the server's user. */
  readonly privateRoot: string;
  readonly user: ServerUser;
  readonly log: Logger;
}

/** Where the data of a store folder lies already, if it does. */
export function existingCluster(folder: string): string | undefined {
  const cluster = join(readMarker(folder)?.home ?? folder, CLUSTER);
  return existsSync(cluster) ? cluster : undefined;
}

/**
 * The folder that holds the cluster: the store's own, or, when the server's user cannot come there
 * (as root, below a private folder such as `/root`), one under `/var/lib/cerberus`. The store folder
 * remembers which, under a random name, so that a new data folder at an old place begins empty.
 */
export function clusterHome(options: ClusterHomeOptions): string {
  const { folder, user, log } = options;
  const marker = readMarker(folder);
  if (marker !== undefined) return knownHome(marker, options);
  const isReachable = !user.isOther || canEnter(user, dirname(resolve(options.privateRoot)));
  if (isReachable) {
    for (const path of foldersBetween(options.privateRoot, folder)) letPass(user, path);
    return folder;
  }
  const place = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12);
  const home = join(SHARED_ROOT, `${place}-${randomBytes(4).toString('hex')}`);
  const message = `PostgreSQL keeps its data in ${home}, as its user (${user.name}) cannot reach ${folder}`;
  log.warn({ home, leftBehind: siblings(place) }, message);
  makeHome(home, user);
  writeDurably(join(folder, MARKER), `${JSON.stringify({ home, hasData: false })}\n`);
  return home;
}

/** To be called when the cluster has been made. */
export function rememberData(folder: string, home: string): void {
  if (home !== folder)
    writeDurably(join(folder, MARKER), `${JSON.stringify({ home, hasData: true })}\n`);
}

function makeHome(home: string, user: ServerUser): void {
  mkdirSync(SHARED_ROOT, { recursive: true });
  chmodSync(SHARED_ROOT, 0o755);
  mkdirSync(home, { mode: 0o700 });
  letPass(user, home);
}

function knownHome({ home, hasData }: Marker, { folder, user }: ClusterHomeOptions): string {
  if (existsSync(join(home, CLUSTER))) return home;
  if (hasData) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.DATA_MISSING, {
        message: `the relational data of ${folder} was in ${home} and is gone; restore it, or delete ${join(folder, MARKER)} to begin with none`,
      }),
    );
  }
  if (!existsSync(home)) makeHome(home, user);
  return home;
}

function readMarker(folder: string): Marker | undefined {
  const file = join(folder, MARKER);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Marker) : undefined;
}

/** Data of earlier data folders at the same place: named, never deleted. */
function siblings(place: string): readonly string[] {
  if (!existsSync(SHARED_ROOT)) return [];
  return readdirSync(SHARED_ROOT).filter((name) => name.startsWith(`${place}-`));
}

function foldersBetween(outer: string, inner: string): readonly string[] {
  const below = relative(resolve(outer), resolve(inner));
  const parts = below === '' || below.startsWith('..') ? [] : below.split('/');
  let path = below.startsWith('..') ? resolve(inner) : resolve(outer);
  return [
    path,
    ...parts.map((part) => {
      path = join(path, part);
      return path;
    }),
  ];
}
