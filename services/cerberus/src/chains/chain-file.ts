import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { type ExpiryQuotes, type OptionQuote, SURFACE_ERRORS } from '@cerberus/surface';
import { readCboe } from './cboe.ts';
import { readDeribit } from './deribit.ts';
import { readGeneric } from './generic.ts';
import { readYahoo } from './yahoo.ts';

export const CHAIN_FORMATS = ['cboe', 'yahoo', 'deribit', 'generic'] as const;
export type ChainFormat = (typeof CHAIN_FORMATS)[number];

/** One line of a chain file in the reader's own words. */
export interface ChainRow extends OptionQuote {
  /** Root and date, e.g. `2022-06-17 SPXW`. */
  readonly expiryId: string;
  readonly expiryMs: number;
  /** Forward the venue itself states for this expiry. */
  readonly forward?: number;
}

export interface ReadChain {
  readonly asOfMs: number;
  readonly rows: readonly ChainRow[];
  /** Last price of the underlying, where the file states it. */
  readonly spot?: number;
  /** How prices were read: currency, settlement, clock. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  /** Moment of the quotes; needed where the file does not tell. */
  readonly asOfMs?: number;
}

export interface ChainFile {
  readonly asOfMs: number;
  readonly spot?: number;
  readonly expiries: readonly ExpiryQuotes[];
  readonly quotes: number;
  readonly notes: readonly string[];
}

const READERS = { cboe: readCboe, yahoo: readYahoo, deribit: readDeribit, generic: readGeneric };
export const YEAR_MS = 365 * 86_400_000;

/** The format a file's own header names. */
export function formatOf(text: string): ChainFormat {
  const head = text.slice(0, 2000);
  if (head.includes('Expiration Date,Calls')) return 'cboe';
  if (head.includes('contractSymbol')) return 'yahoo';
  return head.includes('instrument_name') ? 'deribit' : 'generic';
}

/** Reads the text of a chain file and groups its rows by expiry. */
export function readChain(
  text: string,
  options: ReadOptions & { readonly format?: ChainFormat } = {},
): Result<ChainFile> {
  const read = READERS[options.format ?? formatOf(text)](text, options);
  if (!read.ok) return read;
  const { asOfMs, rows, spot, notes } = read.value;
  if (rows.length === 0) {
    return fail(
      faultOf(SURFACE_ERRORS.TOO_FEW_QUOTES, {
        path: 'rows',
        expected: 'rows with quotes',
        received: '0',
      }),
    );
  }
  return ok({
    asOfMs,
    ...(spot === undefined ? {} : { spot }),
    expiries: grouped(rows, asOfMs),
    quotes: rows.length,
    notes,
  });
}

function grouped(rows: readonly ChainRow[], asOfMs: number): ExpiryQuotes[] {
  const groups = new Map<string, ChainRow[]>();
  for (const row of rows) {
    const group = groups.get(row.expiryId);
    if (group === undefined) groups.set(row.expiryId, [row]);
    else group.push(row);
  }
  return [...groups].map(([id, group]) => {
    const forwards = group.flatMap(({ forward }) => forward ?? []).sort((x, y) => x - y);
    const forward = forwards[forwards.length >> 1];
    return {
      id,
      timeYears: (group[0]!.expiryMs - asOfMs) / YEAR_MS,
      quotes: group.map(({ kind, strike, bid, ask }) => ({ kind, strike, bid, ask })),
      ...(forward === undefined ? {} : { forward }),
    };
  });
}
