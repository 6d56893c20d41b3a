import { fail, ok, type Result } from '@cerberus/core';
import { type ChainRow, type ReadChain, type ReadOptions, YEAR_MS } from './chain-row.ts';
import { csvRecords, quoteNumber } from './csv-rows.ts';
import { readFault } from './read-fault.ts';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** `26DEC25` at 08:00 UTC, when Deribit options expire. */
function expiryOf(text: string): number | undefined {
  const match = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(text);
  const month = MONTHS.indexOf(match?.[2] ?? '');
  if (match === null || month < 0) return undefined;
  return Date.UTC(2000 + Number(match[3]), month, Number(match[1]), 8);
}

/**
 * Deribit chain with premiums in the coin: an inverse option's coin premium times the underlying of its
 * own row is its undiscounted premium in USD on the future of its expiry, so that rates are zero.
 */
export function readDeribit(text: string, options: ReadOptions): Result<ReadChain> {
  const rows: ChainRow[] = [];
  const moments: number[] = [];
  for (const [row, record] of csvRecords(text.split(/\r?\n/)).entries()) {
    const expiry = record.get('expiry_date') ?? '';
    const expiryMs = expiryOf(expiry);
    const kind = record.get('type');
    const underlying = Number(record.get('S0'));
    if (expiryMs === undefined || (kind !== 'call' && kind !== 'put')) {
      return fail(readFault(`row ${row}`, 'expiry_date DMMMYY and type', expiry));
    }
    moments.push(expiryMs - Number(record.get('T_years')) * YEAR_MS);
    rows.push({
      expiryId: `${new Date(expiryMs).toISOString().slice(0, 10)} ${expiry}`,
      expiryMs,
      kind,
      strike: Number(record.get('strike')),
      bid: quoteNumber(record.get('bid_btc')) * underlying,
      ask: quoteNumber(record.get('ask_btc')) * underlying,
      forward: underlying,
    });
  }
  moments.sort((x, y) => x - y);
  const asOfMs = options.asOfMs ?? moments[moments.length >> 1];
  if (asOfMs === undefined || !Number.isFinite(asOfMs)) {
    return fail(readFault('T_years', 'years to expiry, or --as-of', 'none'));
  }
  return ok({
    asOfMs,
    rows,
    notes: [
      'coin premiums times the underlying of their row: undiscounted USD on the future of the expiry',
      'forwards are the median underlying of the expiry, rates are zero',
      'expiry 08:00 UTC',
    ],
  });
}
