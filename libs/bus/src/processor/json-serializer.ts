import { CerberusError, type Decimal, decimal, faultOf, formatDecimal } from '@cerberus/core';
import { BUS_ERRORS } from '../errors.ts';
import type { StateSerializer } from './changelog.ts';

const DECIMAL_KEY = '$decimal';

/** Plain objects as JSON; a decimal is kept exact as `{"$decimal": "0.1"}`. */
export function jsonSerializer<S>(kind: string, version: number): StateSerializer<S> {
  return {
    encode: (_key, value) => ({
      kind,
      version,
      payload: Buffer.from(JSON.stringify(value, replaceDecimal)),
    }),
    decode: (key, entry) => {
      if (entry.kind === kind && entry.version === version) {
        return JSON.parse(Buffer.from(entry.payload).toString(), reviveDecimal) as S;
      }
      throw new CerberusError(
        faultOf(BUS_ERRORS.STATE_UNREADABLE, {
          path: key,
          expected: `${kind} version ${version}`,
          received: `${entry.kind} version ${entry.version}`,
        }),
      );
    },
  };
}

function replaceDecimal(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { [DECIMAL_KEY]: formatDecimal(value as Decimal) } : value;
}

function reviveDecimal(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(DECIMAL_KEY in value)) return value;
  return decimal(value[DECIMAL_KEY] as string);
}
