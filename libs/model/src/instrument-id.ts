import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { MODEL_ERRORS } from './errors.ts';

/** `BTCUSDT.BINANCE`: what is traded, and where. The venue follows the last dot. */
export interface InstrumentIdParts {
  readonly symbol: string;
  readonly venue: string;
}

const SYMBOL = /^[A-Z0-9][A-Z0-9._/-]{0,63}$/;
const VENUE = /^[A-Z][A-Z0-9_]{0,23}$/;

export function instrumentId({ symbol, venue }: InstrumentIdParts): string {
  return `${symbol}.${venue}`;
}

export function parseInstrumentId(text: string): Result<InstrumentIdParts> {
  const dot = text.lastIndexOf('.');
  const symbol = text.slice(0, dot);
  const venue = text.slice(dot + 1);
  if (dot > 0 && SYMBOL.test(symbol) && VENUE.test(venue)) return ok({ symbol, venue });
  return fail(
    faultOf(MODEL_ERRORS.INSTRUMENT_ID_INVALID, {
      expected: 'SYMBOL.VENUE, such as BTCUSDT.BINANCE',
      received: text.slice(0, 100),
    }),
  );
}
