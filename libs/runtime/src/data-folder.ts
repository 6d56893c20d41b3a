import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CerberusError, faultOf } from '@cerberus/core';
import { RUNTIME_ERRORS } from './errors.ts';
import { acquireInstanceLock, type InstanceLock } from './instance-lock.ts';
import { messageOf } from './supervisor.ts';

/** Raised when what lies in the folder changes so that older code cannot read it. */
export const DATA_FORMAT_VERSION = 1;

const VERSION_FILE = 'VERSION';
const PRIVATE = 0o700;

export interface DataFolderOptions {
  readonly path: string;
  /** Named in messages as what to change, e.g. `host.dataDir`. */
  readonly key?: string;
  readonly formatVersion?: number;
}

/** The folder that holds all durable state of one process: private, versioned, one user at a time. */
export class DataFolder {
  readonly path: string;
  readonly #lock: InstanceLock;

  private constructor(path: string, lock: InstanceLock) {
    this.path = path;
    this.#lock = lock;
  }

  static open(options: DataFolderOptions): DataFolder {
    const path = resolve(options.path);
    const key = options.key ?? 'host.dataDir';
    prepareFolder(path, key);
    const lock = acquireInstanceLock(path, 'data folder');
    try {
      checkVersion(path, options.formatVersion ?? DATA_FORMAT_VERSION);
    } catch (error) {
      lock.release();
      throw error;
    }
    return new DataFolder(path, lock);
  }

  /** A private folder inside this one, made when missing. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode: PRIVATE });
    return path;
  }

  close(): void {
    this.#lock.release();
  }
}

function prepareFolder(path: string, key: string): void {
  try {
    const isNew = !existsSync(path);
    mkdirSync(path, { recursive: true, mode: PRIVATE });
    // The umask may have taken bits away.
    if (isNew) chmodSync(path, PRIVATE);
    if (!statSync(path).isDirectory()) throw new Error('not a folder');
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const uid = process.getuid?.();
    const who = uid === undefined ? 'this user' : `user id ${uid}`;
    throw new CerberusError(
      faultOf(RUNTIME_ERRORS.DATA_FOLDER_UNUSABLE, {
        message: `data folder ${path} cannot be written by ${who} (${messageOf(error)}); make it writable or set ${key} to another folder`,
        received: path,
        expected: 'a folder this user can write',
      }),
      { cause: error },
    );
  }
}

function checkVersion(path: string, supported: number): void {
  const file = join(path, VERSION_FILE);
  if (!existsSync(file)) {
    writeDurably(file, `${supported}\n`);
    return;
  }
  const text = readFileSync(file, 'utf8').trim();
  const found = Number(text);
  if (!Number.isSafeInteger(found) || found < 1) {
    throw new CerberusError(
      faultOf(RUNTIME_ERRORS.DATA_FOLDER_UNUSABLE, {
        message: `${file} should hold the format version of the data folder, an integer from 1, but holds "${text.slice(0, 40)}"; this folder may not belong to Cerberus`,
        expected: 'an integer from 1',
        received: text.slice(0, 40),
      }),
    );
  }
  if (found > supported) {
    throw new CerberusError(
      faultOf(RUNTIME_ERRORS.DATA_FOLDER_NEWER, {
        message: `data folder ${path} has format ${found}, this version of Cerberus reads formats up to ${supported}; use the newer version or another folder`,
        expected: `at most ${supported}`,
        received: String(found),
      }),
    );
  }
}

/** A whole file or none, also after a power cut. */
export function writeDurably(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

/** Makes renames and new names in a folder durable. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
