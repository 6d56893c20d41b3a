import { fail, ok, type Result } from '@cerberus/core';
import type { ChainRow, ReadChain, ReadOptions } from './chain-row.ts';
import { csvFields, quoteNumber } from './csv-rows.ts';
import { isoDate, lastTradingMoment, newYorkMs, usExpiryMs } from './new-york-time.ts';
import { readFault } from './read-fault.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STAMP = /Date: (\w+) (\d+), (\d{4})(?:,| at) (\d+):(\d+) (AM|PM)/;
const OSI = /^([A-Z]+)(\d{2})(\d{2})(\d{2})[CP]\d{8}$/;

function stampOf(line: string): number | undefined {
  const match = STAMP.exec(line);
  if (match === null) return undefined;
  const month = MONTHS.indexOf(match[1]!.slice(0, 3)) + 1;
  if (month === 0) return undefined;
  const hour = (Number(match[4]) % 12) + (match[6] === 'PM' ? 12 : 0);
  const date = { year: Number(match[3]), month, day: Number(match[2]) };
  return newYorkMs(date, hour, Number(match[5]));
}

/**
 * Cboe quote table: calls and puts side by side after a preamble with the level and the time of the
 * file. Quotes are those of the last close; roots settle in the morning or afternoon by their symbol.
 */
export function readCboe(text: string, options: ReadOptions): Result<ReadChain> {
  const lines = text.split(/\r?\n/);
  const head = lines.findIndex((line) => line.startsWith('Expiration Date'));
  if (head < 0) return fail(readFault('header', 'a line starting with Expiration Date', lines[0]!));
  const preamble = lines.slice(0, head).join('\n');
  const stamp = options.asOfMs ?? stampOf(preamble);
  if (stamp === undefined) return fail(readFault('preamble', 'Date: Month D, YYYY', preamble));
  const asOfMs = options.asOfMs ?? lastTradingMoment(stamp);
  const header = csvFields(lines[head]!);
  const putColumn = header.indexOf('Puts');
  const bid = header.indexOf('Bid');
  const ask = header.indexOf('Ask');
  const strike = header.indexOf('Strike');
  const rows: ChainRow[] = [];
  for (const line of lines.slice(head + 1)) {
    const fields = csvFields(line);
    const osi = OSI.exec(fields[1] ?? '');
    if (osi === null) continue;
    const root = osi[1]!;
    const iso = `20${osi[2]}-${osi[3]}-${osi[4]}`;
    const date = isoDate(iso)!;
    const where = { expiryId: `${iso} ${root}`, expiryMs: usExpiryMs(root, date) };
    const level = Number(fields[strike]);
    const side = (kind: 'call' | 'put', from: number): ChainRow => ({
      ...where,
      kind,
      strike: level,
      bid: quoteNumber(fields[from + bid - 1]),
      ask: quoteNumber(fields[from + ask - 1]),
    });
    rows.push(side('call', 1), side('put', putColumn));
  }
  const last = /Last: ([\d.]+)/.exec(preamble);
  return ok({
    asOfMs,
    rows,
    ...(last === null ? {} : { spot: Number(last[1]) }),
    notes: [
      'prices in USD; 0 means no quote',
      'SPX root settles 09:30 New York, all others 16:00',
      'quotes are taken at the last 16:00 close where the file was written after hours',
    ],
  });
}
