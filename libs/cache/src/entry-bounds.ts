import { CerberusError, faultOf, invariant } from '@cerberus/core';
import { CACHE_ERRORS } from './errors.ts';
import { type AppendOptions, LARGEST_VALUE_BYTES, type SetOptions } from './port.ts';

/** What every cache refuses to write, whatever it writes to. */
export function checkValue(key: string, value: string, { ttlMs, version }: SetOptions): void {
  checkTtl(ttlMs);
  invariant(version === undefined || Number.isFinite(version), 'a version is a finite number');
  checkSize(key, value);
}

export function checkEntry(
  series: string,
  entry: string,
  { ttlMs, maxLength }: AppendOptions,
): void {
  checkTtl(ttlMs);
  invariant(
    Number.isSafeInteger(maxLength) && maxLength > 0,
    'a series has room for at least one entry',
  );
  checkSize(series, entry);
}

function checkTtl(ttlMs: number): void {
  invariant(
    Number.isSafeInteger(ttlMs) && ttlMs > 0,
    'a time to live is a positive whole number of milliseconds',
  );
}

function checkSize(key: string, value: string): void {
  // A UTF-16 unit is at most three bytes, so most values need no count.
  if (value.length * 3 <= LARGEST_VALUE_BYTES) return;
  const bytes = Buffer.byteLength(value);
  if (bytes <= LARGEST_VALUE_BYTES) return;
  throw new CerberusError(
    faultOf(CACHE_ERRORS.VALUE_TOO_LARGE, {
      message: `the value of ${key} has ${bytes} bytes, at most ${LARGEST_VALUE_BYTES} are kept`,
      expected: `at most ${LARGEST_VALUE_BYTES} bytes`,
      received: String(bytes),
    }),
  );
}
