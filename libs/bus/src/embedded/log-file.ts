import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CatalogueEntry, CerberusError } from '@cerberus/core';
import { BUS_ERRORS, busError } from '../errors.ts';

/** Marks the file as ours ("CRBL"); a database of something else is refused untouched. */
const APPLICATION_ID = 0x4352424c;
const FORMAT_VERSION = 1;
/** Larger files are not read whole at start; their records carry checksums of their own. */
const CHECKED_BYTES_MAX = 64 * 1024 * 1024;

export const MEMORY_FILE = ':memory:';

/*
 * `record` and `compacted_record` have one shape. Only the second is indexed by key, so that plain
 * ledgers do not pay for an index that only compaction needs.
 */
const RECORD_COLUMNS = `
  partition_id INTEGER NOT NULL, position INTEGER NOT NULL, time_us INTEGER NOT NULL,
  checksum INTEGER NOT NULL, key TEXT NOT NULL, value BLOB, headers TEXT,
  PRIMARY KEY (partition_id, position)`;

const SCHEMA = `
  CREATE TABLE topic (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, cleanup TEXT NOT NULL);
  CREATE TABLE partition (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
    next_offset INTEGER NOT NULL, compacted_to INTEGER NOT NULL, UNIQUE (topic, number));
  CREATE TABLE record (${RECORD_COLUMNS}) WITHOUT ROWID;
  CREATE TABLE compacted_record (${RECORD_COLUMNS}) WITHOUT ROWID;
  CREATE INDEX compacted_by_key ON compacted_record (partition_id, key, position);
  CREATE INDEX tombstone ON compacted_record (partition_id, time_us) WHERE value IS NULL;
  CREATE TABLE group_offset (
    group_id TEXT NOT NULL, partition_id INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (group_id, partition_id)) WITHOUT ROWID;
  CREATE TABLE producer (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL);
  CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};`;

/** Opens or creates the log; holds an exclusive lock until closed. Every refusal names the file. */
export function openLogFile(file: string): DatabaseSync {
  const size = file === MEMORY_FILE ? 0 : prepareFolder(file);
  const database = refusing(file, () => new DatabaseSync(file));
  try {
    refusing(file, () => configure(database));
    refusing(file, () => checkFormat(database, file, size));
  } catch (error) {
    database.close();
    throw error;
  }
  if (file !== MEMORY_FILE) writeFileSync(ownerFile(file), String(process.pid));
  return database;
}

export function closeLogFile(database: DatabaseSync, file: string): void {
  database.close();
  if (file !== MEMORY_FILE) rmSync(ownerFile(file), { force: true });
}

function prepareFolder(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch (error) {
    throw busError(BUS_ERRORS.FILE_UNUSABLE, { path: file, message: text(error) }, error);
  }
}

function configure(database: DatabaseSync): void {
  // The order matters: exclusive locking before WAL keeps the wal-index in memory, and the first
  // write takes the lock that a second process then runs into.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  // Commits are made durable by WalSync, checkpoints by SQLite itself.
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec('PRAGMA cache_size = -16384');
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

function checkFormat(database: DatabaseSync, file: string, size: number): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number };
  if (tables.n === 0 && application === 0) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return;
  }
  if (application !== APPLICATION_ID) {
    throw busError(BUS_ERRORS.FILE_UNUSABLE, { path: file, message: 'it is not a Cerberus log' });
  }
  if (version > FORMAT_VERSION) {
    throw busError(BUS_ERRORS.FILE_NEWER, {
      path: file,
      expected: `format ${FORMAT_VERSION} or older`,
      received: `format ${version}`,
      message: `format ${version}, this program reads up to ${FORMAT_VERSION}`,
    });
  }
  if (size > CHECKED_BYTES_MAX) return;
  const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (check.quick_check !== 'ok') {
    throw busError(BUS_ERRORS.FILE_CORRUPT, { path: file, message: check.quick_check });
  }
}

function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name] ?? 0;
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOT_A_DATABASE = 26;

function refusing<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CerberusError) throw error;
    throw busError(entryOf(error), { path: file, message: explain(file, error) }, error);
  }
}

function entryOf(error: unknown): CatalogueEntry {
  switch (sqliteCode(error)) {
    case SQLITE_BUSY:
      return BUS_ERRORS.FILE_LOCKED;
    case SQLITE_CORRUPT:
    case SQLITE_NOT_A_DATABASE:
      return BUS_ERRORS.FILE_CORRUPT;
    default:
      return BUS_ERRORS.FILE_UNUSABLE;
  }
}

/** The low byte is the primary result code, the rest says more than we act on. */
function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function explain(file: string, error: unknown): string {
  if (sqliteCode(error) !== SQLITE_BUSY) return text(error);
  try {
    return `process ${readFileSync(ownerFile(file), 'utf8').trim()} has it open`;
  } catch {
    return 'another process has it open'; // The owner leaves no name before it holds the lock.
  }
}

function ownerFile(file: string): string {
  return `${file}.owner`;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
