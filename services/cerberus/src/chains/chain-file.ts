import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { type ExpiryQuotes, SURFACE_ERRORS } from '@cerberus/surface';
import { readCboe } from './cboe.ts';
import { type ChainRow, type ReadOptions, YEAR_MS } from './chain-row.ts';
import { readDeribit } from './deribit.ts';
import { readGeneric } from './generic.ts';
import { readYahoo } from './yahoo.ts';

export const CHAIN_FORMATS = ['cboe', 'yahoo', 'deribit', 'generic'] as const;
export type ChainFormat = (typeof CHAIN_FORMATS)[number];

export interface ChainFile {
  readonly asOfMs: number;
  readonly spot?: number;
  readonly expiries: readonly ExpiryQuotes[];
  readonly quotes: number;
  readonly notes: readonly string[];
}

const READERS = { cboe: readCboe, yahoo: readYahoo, deribit: readDeribit, generic: readGeneric };

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
