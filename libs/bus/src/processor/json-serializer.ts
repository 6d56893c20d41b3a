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
        return withDecimals(JSON.parse(entry.payload.toString())) as S;
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

/** In place. The reviver of `JSON.parse` is called for each value of each type, at several times the cost. */
function withDecimals(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (DECIMAL_KEY in value) return decimal(value[DECIMAL_KEY] as string);
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === 'object') (value as Record<string, unknown>)[key] = withDecimals(field);
  }
  return value;
}
