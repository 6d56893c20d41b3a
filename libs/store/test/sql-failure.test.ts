import { expect, test } from '@jest/globals';
import { STORE_ERRORS } from '../src/index.ts';
import { isConnectionLost, storeFailure } from '../src/sql-failure.ts';

const fromServer = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' });
const fromSystem = (code: string) => Object.assign(new Error('x'), { code });

// SQLSTATEs of PostgreSQL 18, appendix A.
test.each([
  [fromServer('23505'), STORE_ERRORS.UNIQUE_VIOLATION, false],
  [fromServer('23514'), STORE_ERRORS.CONSTRAINT_VIOLATION, false],
  [fromServer('40001'), STORE_ERRORS.CONFLICT, false],
  [fromServer('40P01'), STORE_ERRORS.CONFLICT, false],
  [fromServer('57014'), STORE_ERRORS.TIMEOUT, false],
  [fromServer('25P03'), STORE_ERRORS.TIMEOUT, true],
  [fromServer('57P01'), STORE_ERRORS.UNAVAILABLE, true],
  [fromServer('53300'), STORE_ERRORS.UNAVAILABLE, false],
  [fromServer('42601'), STORE_ERRORS.STATEMENT_INVALID, false],
  [fromSystem('EPIPE'), STORE_ERRORS.UNAVAILABLE, true],
  [fromSystem('ECONNRESET'), STORE_ERRORS.UNAVAILABLE, true],
  [new Error('Connection terminated unexpectedly'), STORE_ERRORS.UNAVAILABLE, true],
])('%o is %o', (error, entry, lost) => {
  expect(storeFailure(error).code).toBe(entry.code);
  expect(isConnectionLost(error)).toBe(lost);
});
