import { fail, ok, type Result } from '@cerberus/core';
import type { ChainRow, ReadChain, ReadOptions } from './chain-row.ts';
import { csvRecords, quoteNumber } from './csv-rows.ts';
import { isoDate, lastTradingMoment, usExpiryMs } from './new-york-time.ts';
import { readFault } from './read-fault.ts';

/** Yahoo Finance chain: one option per line; the newest trade tells the moment of the quotes. */
export function readYahoo(text: string, options: ReadOptions): Result<ReadChain> {
  const rows: ChainRow[] = [];
  let newest = 0;
  for (const [row, record] of csvRecords(text.split(/\r?\n/)).entries()) {
    const symbol = record.get('contractSymbol') ?? '';
    const date = isoDate(record.get('expiration') ?? '');
    const kind = record.get('option_type');
    if (date === undefined || (kind !== 'call' && kind !== 'put')) {
      return fail(readFault(`row ${row}`, 'expiration YYYY-MM-DD and option_type', symbol));
    }
    const root = symbol.slice(0, -15);
    newest = Math.max(
      newest,
      Date.parse((record.get('lastTradeDate') ?? '').replace(' ', 'T')) || 0,
    );
    rows.push({
      expiryId: `${(record.get('expiration') ?? '').slice(0, 10)} ${root}`,
      expiryMs: usExpiryMs(root, date),
      kind,
      strike: Number(record.get('strike')),
      bid: quoteNumber(record.get('bid')),
      ask: quoteNumber(record.get('ask')),
    });
  }
  if (newest === 0 && options.asOfMs === undefined) {
    return fail(readFault('lastTradeDate', 'a date, or --as-of', 'none'));
  }
  return ok({
    asOfMs: options.asOfMs ?? lastTradingMoment(newest),
    rows,
    notes: [
      'prices in USD; empty or 0 means no quote',
      'SPX root settles 09:30 New York, all others 16:00',
      'quotes are taken at the last 16:00 close before the newest trade',
    ],
  });
}
