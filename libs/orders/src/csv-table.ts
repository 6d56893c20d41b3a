import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { ORDERS_ERRORS } from './errors.ts';

export interface CsvRow {
  /** In the file, from 1, counting the header and what was skipped. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvTable {
  readonly header: CsvRow;
  readonly rows: readonly CsvRow[];
}

const ROWS_MAX = 100_000;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Comma-separated text with a header (RFC 4180; a quoted cell may hold commas and quotes but no line
 * break). Blank lines and lines starting with `#` are skipped, cells trimmed.
 */
export function parseCsv(text: string): Result<CsvTable> {
  const rows: CsvRow[] = [];
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  for (const [index, raw] of body.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    if (raw.trim() === '' || raw.trimStart().startsWith('#')) continue;
    if (rows.length > ROWS_MAX) return bad(line, `at most ${ROWS_MAX} lines`, 'more');
    const cells = cellsOf(raw);
    if (cells === undefined) return bad(line, 'cells whose quotes are closed', raw.slice(0, 60));
    rows.push({ line, cells });
  }
  const [header, ...rest] = rows;
  if (header === undefined) return bad(1, 'a header line', 'an empty file');
  const ragged = rest.find(({ cells }) => cells.length !== header.cells.length);
  if (ragged !== undefined) {
    const received = `${ragged.cells.length} cells`;
    return bad(ragged.line, `${header.cells.length} cells as in the header`, received);
  }
  return ok({ header, rows: rest });
}

function cellsOf(raw: string): string[] | undefined {
  const cells: string[] = [];
  let rest = raw;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const plain = quoted === null ? /^([^,"]*)(,|$)/.exec(rest) : null;
    const match = quoted ?? plain;
    if (match === null) return undefined;
    const cell = match[1] ?? '';
    cells.push(quoted === null ? cell.trim() : cell.replaceAll('""', '"').trim());
    if (match[2] !== ',') return cells;
    rest = rest.slice(match[0].length);
  }
}

function bad(line: number, expected: string, received: string): { ok: false; error: Fault } {
  return fail(faultOf(ORDERS_ERRORS.FILE_INVALID, { path: `line ${line}`, expected, received }));
}
