import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CerberusError, faultOf, invariant } from '@cerberus/core';
import { messageOf } from '@cerberus/runtime';
import { STORE_ERRORS } from './errors.ts';
import type { Migration, MigrationOutcome, Queryable } from './port.ts';
import { storeFailure } from './sql-failure.ts';

/** Any fixed number: all migrations of one database wait for each other. */
const ADVISORY_LOCK = 4_711_270_317;

const LEDGER = `CREATE TABLE IF NOT EXISTS cerberus_migration (
  namespace text NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, version)
)`;

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** Migrations from files named `001_orders.sql`, ordered by number. */
export function readMigrations(folder: string): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const match = /^(\d+)[_-](.+)\.sql$/.exec(file);
      invariant(match !== null, `a migration is named like 001_orders.sql, not ${file}`);
      const [, version, name] = match;
      return {
        version: Number(version),
        name: name as string,
        sql: readFileSync(join(folder, file), 'utf8'),
      };
    });
}

/** Runs on a connection that is closed when this fails: the lock belongs to the session. */
export async function applyMigrations(
  connection: Queryable,
  namespace: string,
  migrations: readonly Migration[],
): Promise<MigrationOutcome> {
  for (const [index, migration] of migrations.entries()) {
    invariant(
      migration.version === index + 1,
      `migrations of ${namespace} are numbered 1, 2, 3 …: number ${index + 1} is ${migration.version}`,
    );
  }
  await connection.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
  await connection.query(LEDGER);
  const { rows } = await connection.query<AppliedRow>(
    'SELECT version, name, checksum FROM cerberus_migration WHERE namespace = $1 ORDER BY version',
    [namespace],
  );
  checkApplied(namespace, migrations, rows);
  const pending = migrations.slice(rows.length);
  for (const migration of pending) await applyOne(connection, namespace, migration);
  await connection.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
  return { applied: pending.map(({ version }) => version), version: migrations.length };
}

function checkApplied(
  namespace: string,
  migrations: readonly Migration[],
  applied: readonly AppliedRow[],
): void {
  const newest = applied.at(-1)?.version ?? 0;
  if (newest > migrations.length) {
    throw new CerberusError(
      faultOf(STORE_ERRORS.SCHEMA_NEWER, {
        message: `the schema of ${namespace} is at version ${newest}, this version of Cerberus knows ${migrations.length}; use the newer version`,
        expected: `at most ${migrations.length}`,
        received: String(newest),
      }),
    );
  }
  for (const [index, row] of applied.entries()) {
    const migration = migrations[index] as Migration;
    if (row.version !== migration.version) {
      throw new CerberusError(
        faultOf(STORE_ERRORS.MIGRATION_MISSING, {
          message: `the schema of ${namespace} is at version ${newest}, but migration ${migration.version} (${migration.name}) is missing from those applied; restore the table cerberus_migration from a backup`,
          expected: String(migration.version),
          received: String(row.version),
        }),
      );
    }
    if (checksumOf(migration) === row.checksum) continue;
    throw new CerberusError(
      faultOf(STORE_ERRORS.MIGRATION_CHANGED, {
        message: `migration ${row.version} (${migration.name}) of ${namespace} is not the one that was applied here (${row.name}); migrations are never changed, add a new one`,
        expected: row.checksum,
        received: checksumOf(migration),
      }),
    );
  }
}

async function applyOne(
  connection: Queryable,
  namespace: string,
  migration: Migration,
): Promise<void> {
  try {
    await connection.query('BEGIN');
    await connection.query(migration.sql);
    await connection.query(
      'INSERT INTO cerberus_migration (namespace, version, name, checksum) VALUES ($1, $2, $3, $4)',
      [namespace, migration.version, migration.name, checksumOf(migration)],
    );
    await connection.query('COMMIT');
  } catch (error) {
    const failure = storeFailure(error);
    if (failure.code === STORE_ERRORS.UNAVAILABLE.code) throw failure;
    await connection.query('ROLLBACK');
    throw new CerberusError(
      faultOf(STORE_ERRORS.MIGRATION_FAILED, {
        message: `migration ${migration.version} (${migration.name}) of ${namespace} failed and was rolled back: ${messageOf(error)}`,
      }),
      { cause: error },
    );
  }
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
