import { CerberusError, defineErrors } from '@cerberus/core';

export const STORE_ERRORS = defineErrors('STORE', {
  UNAVAILABLE: { title: 'The relational store cannot be reached', status: 503, retry: 'later' },
  DISK_FULL: { title: 'The disk of the relational store is full', status: 503, retry: 'later' },
  OVERLOADED: { title: 'Too many queries wait for a connection', status: 503, retry: 'later' },
  COMMIT_UNKNOWN: {
    title: 'The connection broke while a transaction was being committed',
    status: 503,
    retry: 'query-first',
  },
  CONFLICT: {
    title: 'A concurrent transaction changed the same rows',
    status: 409,
    retry: 'later',
  },
  UNIQUE_VIOLATION: { title: 'A row with this key exists', status: 409, retry: 'never' },
  CONSTRAINT_VIOLATION: { title: 'The row breaks a constraint', status: 422, retry: 'never' },
  TIMEOUT: { title: 'The statement took too long', status: 503, retry: 'later' },
  STATEMENT_INVALID: { title: 'The statement is not valid', status: 500, retry: 'never' },
  SCHEMA_NEWER: {
    title: 'The schema was made by a newer version',
    status: 500,
    retry: 'never',
  },
  MIGRATION_MISSING: {
    title: 'An earlier migration is missing from what was applied',
    status: 500,
    retry: 'never',
  },
  MIGRATION_CHANGED: {
    title: 'A migration was changed after it had been applied',
    status: 500,
    retry: 'never',
  },
  MIGRATION_FAILED: { title: 'A migration failed', status: 500, retry: 'never' },
  SERIES_UNKNOWN: { title: 'The series has no tables here yet', status: 503, retry: 'later' },
  SERIES_EXTENSION_GONE: {
    title: 'The extension that the series were made with is gone',
    status: 500,
    retry: 'never',
  },
  SERIES_ROW_INVALID: { title: 'The row does not fit the series', status: 422, retry: 'never' },
  ENGINE_UNUSABLE: { title: 'PostgreSQL cannot run here', status: 500, retry: 'never' },
  ENGINE_START_FAILED: { title: 'PostgreSQL did not start', status: 500, retry: 'later' },
  DATA_VERSION: {
    title: 'The data belongs to another major version of PostgreSQL',
    status: 500,
    retry: 'never',
  },
  DATA_MISSING: { title: 'The relational data is gone', status: 500, retry: 'never' },
});

/** True for the refusal of a second row with the same key, optionally of one named constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof CerberusError)) return false;
  if (error.code !== STORE_ERRORS.UNIQUE_VIOLATION.code) return false;
  return constraint === undefined || error.fault.received === constraint;
}

const PASSING: ReadonlySet<string> = new Set(
  Object.values(STORE_ERRORS)
    .filter(({ retry }) => retry !== 'never')
    .map(({ code }) => code),
);

/** The store may be back in a moment; after anything else the statement itself is wrong. */
export function isPassing(error: unknown): boolean {
  return error instanceof CerberusError && PASSING.has(error.code);
}
