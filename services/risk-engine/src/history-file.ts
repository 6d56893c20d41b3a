import { readFileSync } from 'node:fs';
import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { RISK_ENGINE_ERRORS } from './errors.ts';

export interface DailyClose {
  readonly underlying: string;
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly close: number;
}

const MS_PER_DAY = 86_400_000;
const PLAIN_NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i;
const COLUMNS = ['date', 'underlying', 'close'];

/** Reads a price history; the first bad line refuses the file, naming line and column. */
export function readHistoryFile(path: string): Result<DailyClose[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return bad(path, 'a readable file', (error as Error).message);
  }
  const [header = '', ...lines] = text.split(/\r?\n/);
  if (header.trim() !== COLUMNS.join(',')) return bad(`${path}:1`, COLUMNS.join(','), header);
  const closes: DailyClose[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const number = index + 2;
    const parsed = readLine(line, `${path}:${number}`);
    if (!parsed.ok) return parsed;
    const { underlying, day } = parsed.value;
    const before = lineOf.get(`${underlying} ${day}`);
    if (before !== undefined) {
      return bad(`${path}:${number} column date`, 'one close a day', `again, as in line ${before}`);
    }
    lineOf.set(`${underlying} ${day}`, number);
    closes.push(parsed.value);
  }
  return ok(closes);
}

function readLine(line: string, where: string): Result<DailyClose> {
  const [date = '', underlying = '', closeText = '', ...rest] = line.split(',');
  if (rest.length > 0) return bad(where, `${COLUMNS.length} columns`, line);
  const dayMs = Date.parse(`${date}T00:00:00Z`);
  // The parser takes 30 February for 1 March; written back, it is another date.
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== date) {
    return bad(`${where} column date`, 'YYYY-MM-DD', date);
  }
  if (!/^[A-Z0-9]{1,20}$/.test(underlying)) {
    return bad(`${where} column underlying`, 'capital letters and digits', underlying);
  }
  const close = Number(closeText);
  if (!PLAIN_NUMBER.test(closeText.trim()) || !Number.isFinite(close) || close <= 0) {
    return bad(`${where} column close`, 'a positive number', closeText);
  }
  return ok({ underlying, day: dayMs / MS_PER_DAY, close });
}

function bad(path: string, expected: string, received: string): Result<never> {
  return fail(
    faultOf(RISK_ENGINE_ERRORS.HISTORY_FILE, { path, expected, received: received.slice(0, 120) }),
  );
}
