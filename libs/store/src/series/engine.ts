import { CerberusError, faultOf } from '@cerberus/core';
import { messageOf } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import type { Store } from '../port.ts';

/** What makes chunks, retention and roll-ups: TimescaleDB, or we with what every PostgreSQL has. */
export type SeriesEngine =
  | { readonly kind: 'native'; readonly because: string }
  /** `schema`: where the extension put its functions. */
  | { readonly kind: 'timescale'; readonly schema: string; readonly version: string };

/** `by_range` and finalised continuous aggregates with FILTER are all there from here on. */
const LEAST_VERSION = [2, 13] as const;

/** What the database says of the extension and of what has been made so far. */
export interface EngineFacts {
  /** Version that CREATE EXTENSION would give; null where the server does not have it. */
  readonly available: string | null;
  readonly installed: string | null;
  readonly schema: string | null;
  /** Its loader is among the server's preloaded libraries; creating it otherwise ends the session. */
  readonly preloaded: boolean;
  readonly may_create: boolean;
  /** `timescale` has continuous aggregates and policies, `apache` has not; null where not loaded. */
  readonly license: string | null;
}

/**
 * A setting that only its loader defines tells of the loader where the list of preloaded libraries
 * is hidden from ordinary users.
 */
const FACTS = `SELECT
  (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS available,
  (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
  (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'timescaledb') AS schema,
  coalesce((SELECT setting LIKE '%timescaledb%' FROM pg_settings
    WHERE name = 'shared_preload_libraries'), false)
    OR current_setting('timescaledb.disable_load', true) IS NOT NULL AS preloaded,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    OR (has_database_privilege(current_database(), 'CREATE') AND coalesce(
      (SELECT bool_or(trusted) FROM pg_available_extension_versions WHERE name = 'timescaledb'),
      false)) AS may_create,
  current_setting('timescaledb.license', true) AS license`;

export type Verdict =
  | { readonly action: 'native'; readonly because: string }
  | { readonly action: 'create' }
  | { readonly action: 'use'; readonly schema: string; readonly version: string };

/** What to do with a database in which no series have been made. */
export function judgeExtension(facts: EngineFacts): Verdict {
  const native = (because: string): Verdict => ({ action: 'native', because });
  const { available, installed, schema, preloaded, license } = facts;
  if (installed !== null && schema !== null) {
    if (!isNewEnough(installed)) return native(`TimescaleDB ${installed} is older than 2.13`);
    if (license === 'apache') return native('this TimescaleDB has no continuous aggregates');
    return { action: 'use', schema, version: installed };
  }
  if (available === null) return native('the server does not have TimescaleDB');
  if (!isNewEnough(available)) return native(`TimescaleDB ${available} is older than 2.13`);
  if (!preloaded) return native('TimescaleDB is not in shared_preload_libraries');
  if (license === 'apache') return native('this TimescaleDB has no continuous aggregates');
  if (!facts.may_create) return native('this user may not create the extension TimescaleDB');
  return { action: 'create' };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** Migrations of the two differ, so each has a name space of its own. */
export function migrationSpace(namespace: string, kind: SeriesEngine['kind']): string {
  return `${namespace}/${kind}`;
}

/**
 * The engine of these series here: the one they were made with, else TimescaleDB where it can be had.
 * It never changes by itself: what is stored one way is not found the other way.
 */
export async function chooseEngine(store: Store, namespace: string): Promise<SeriesEngine> {
  const made = await engineInUse(store, namespace);
  if (made === 'native') return { kind: 'native', because: 'the series were made so' };
  const verdict = judgeExtension(await readFacts(store));
  if (verdict.action === 'use') return { kind: 'timescale', ...verdict };
  if (made === 'timescale') throw extensionGone(namespace);
  if (verdict.action === 'native') return { kind: 'native', because: verdict.because };
  try {
    await store.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  } catch (error) {
    return { kind: 'native', because: `TimescaleDB could not be created: ${messageOf(error)}` };
  }
  const created = judgeExtension(await readFacts(store));
  if (created.action === 'use') return { kind: 'timescale', ...created };
  return { kind: 'native', because: 'TimescaleDB was created but cannot be used' };
}

async function readFacts(store: Store): Promise<EngineFacts> {
  const { rows } = await store.query<EngineFacts>(FACTS);
  return rows[0] as EngineFacts;
}

async function engineInUse(
  store: Store,
  namespace: string,
): Promise<SeriesEngine['kind'] | undefined> {
  const { rows: ledgers } = await store.query<{ there: boolean }>(
    `SELECT to_regclass('cerberus_migration') IS NOT NULL AS there`,
  );
  if (ledgers[0]?.there !== true) return undefined;
  for (const kind of ['native', 'timescale'] as const) {
    const { count } = await store.query(
      'SELECT 1 FROM cerberus_migration WHERE namespace = $1 LIMIT 1',
      [migrationSpace(namespace, kind)],
    );
    if (count > 0) return kind;
  }
  return undefined;
}

function extensionGone(namespace: string): CerberusError {
  return new CerberusError(
    faultOf(STORE_ERRORS.SERIES_EXTENSION_GONE, {
      message: `the series of ${namespace} were made with TimescaleDB, which this database no longer has; install and preload it again`,
    }),
  );
}
