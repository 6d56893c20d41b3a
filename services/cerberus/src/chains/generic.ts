import { fail, ok, type Result } from '@cerberus/core';
import type { ChainRow, ReadChain, ReadOptions } from './chain-row.ts';
import { csvRecords, quoteNumber } from './csv-rows.ts';
import { isoDate, usExpiryMs } from './new-york-time.ts';
import { readFault } from './read-fault.ts';

function kindOf(text: string | undefined): 'call' | 'put' | undefined {
  const first = text?.trim().toLowerCase()[0];
  return first === 'c' ? 'call' : first === 'p' ? 'put' : undefined;
}

/**
 * CSV with columns expiry (YYYY-MM-DD, or a whole ISO instant), strike, right | kind | type, bid, ask and
 * optionally root. A date expires at 16:00 New York. Needs the moment of the quotes.
 */
export function readGeneric(text: string, options: ReadOptions): Result<ReadChain> {
  if (options.asOfMs === undefined) {
    return fail(readFault('asOf', 'the moment of the quotes (--as-of)', 'none'));
  }
  const rows: ChainRow[] = [];
  for (const [row, record] of csvRecords(text.split(/\r?\n/)).entries()) {
    const expiry = record.get('expiry') ?? record.get('expiration') ?? '';
    const root = record.get('root') ?? '';
    const date = isoDate(expiry);
    const kind = kindOf(record.get('right') ?? record.get('kind') ?? record.get('type'));
    const expiryMs =
      date === undefined
        ? Number.NaN
        : expiry.includes('T')
          ? Date.parse(expiry)
          : usExpiryMs(root, date);
    if (kind === undefined || !Number.isFinite(expiryMs)) {
      return fail(readFault(`row ${row}`, 'expiry YYYY-MM-DD and right call|put', expiry));
    }
    rows.push({
      expiryId: root === '' ? expiry : `${expiry} ${root}`,
      expiryMs,
      kind,
      strike: Number(record.get('strike')),
      bid: quoteNumber(record.get('bid')),
      ask: quoteNumber(record.get('ask')),
    });
  }
  return ok({
    asOfMs: options.asOfMs,
    rows,
    notes: ['prices in the currency of the strike; empty or 0 means no quote'],
  });
}
