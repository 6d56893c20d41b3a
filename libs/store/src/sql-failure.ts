import { type CatalogueEntry, CerberusError, faultOf } from '@cerberus/core';
import { messageOf } from '@cerberus/runtime';
import { STORE_ERRORS } from './errors.ts';

interface DatabaseFailure {
  readonly severity?: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly detail?: string;
}

/** SQLSTATE classes and codes (PostgreSQL 18, appendix A) to our catalogue; the longest prefix wins. */
const BY_SQLSTATE: readonly (readonly [string, CatalogueEntry])[] = [
  ['23505', STORE_ERRORS.UNIQUE_VIOLATION],
  ['23', STORE_ERRORS.CONSTRAINT_VIOLATION],
  ['40001', STORE_ERRORS.CONFLICT],
  ['40P01', STORE_ERRORS.CONFLICT],
  ['57014', STORE_ERRORS.TIMEOUT],
  ['55P03', STORE_ERRORS.TIMEOUT],
  ['25P03', STORE_ERRORS.TIMEOUT],
  // Shutdown, crash of another backend, still starting, too many connections, out of resources.
  ['57P', STORE_ERRORS.UNAVAILABLE],
  ['53', STORE_ERRORS.UNAVAILABLE],
  ['53100', STORE_ERRORS.DISK_FULL],
  ['58', STORE_ERRORS.UNAVAILABLE],
  ['08', STORE_ERRORS.UNAVAILABLE],
];

/**
 * SQLSTATE of an error that the server sent. System errors have a code too, and `EPIPE` even has the
 * form of a SQLSTATE; only the server gives a severity.
 */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as DatabaseFailure;
  return severity === undefined ? undefined : code;
}

export function storeFailure(error: unknown): CerberusError {
  if (error instanceof CerberusError) return error;
  const entry = entryOf(error);
  const { constraint, detail } = (error ?? {}) as DatabaseFailure;
  const message = `${entry.title.toLowerCase()}: ${messageOf(error)}${detail ? ` (${detail})` : ''}`;
  return new CerberusError(
    faultOf(entry, { message, ...(constraint === undefined ? {} : { received: constraint }) }),
    { cause: error },
  );
}

function entryOf(error: unknown): CatalogueEntry {
  const state = sqlStateOf(error);
  if (state === undefined) return STORE_ERRORS.UNAVAILABLE;
  const matches = BY_SQLSTATE.filter(([prefix]) => state.startsWith(prefix));
  const [longest] = matches.sort(([a], [b]) => b.length - a.length);
  return longest?.[1] ?? STORE_ERRORS.STATEMENT_INVALID;
}

/** SQLSTATE of a failure of this library, where the server gave one. */
export function sqlStateBehind(error: unknown): string | undefined {
  return sqlStateOf(error instanceof CerberusError ? error.cause : error);
}

/** After these the connection itself cannot be used again. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === undefined || /^(57P|08|25P0[34])/.test(state);
}
