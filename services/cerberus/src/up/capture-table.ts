import { basename } from 'node:path';
import type { CaptureFileReport, CaptureReport } from '@cerberus/service-market-data';

const HEAD = ['file', 'market', 'lines', 'parsed', 'ignored', 'refused', 'bad', 'gaps', 'dup'];
const BOOK_HEAD = ['instrument', 'best bid', 'best ask', 'bid levels', 'ask levels', 'state'];

/** What became of every line of a replay, for a person. */
export function captureTable(report: CaptureReport): string {
  const { files, tape_seconds, wall_seconds } = report;
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const rate = wall_seconds > 0 ? `, ${Math.round(lines / wall_seconds)} lines/s` : '';
  return [
    `The tape has ended: ${tape_seconds.toFixed(1)} s of market in ${wall_seconds.toFixed(1)} s${rate}.`,
    ...table([HEAD, ...files.map(fileRow)]),
    ...table([BOOK_HEAD, ...files.flatMap(bookRows)]),
    ...files.flatMap(remarks),
  ].join('\n');
}

function fileRow(file: CaptureFileReport): string[] {
  const { market, lines, parsed, ignored, refused, bad_lines, books } = file;
  const gaps = books.reduce((total, book) => total + book.gaps + book.crossed, 0);
  const duplicates = books.reduce((total, book) => total + book.duplicates, 0);
  const counts = [lines, sum(parsed), sum(ignored), sum(refused), bad_lines, gaps, duplicates];
  return [basename(file.file), market, ...counts.map(String)];
}

function bookRows({ books }: CaptureFileReport): string[][] {
  return books.map((book) => [
    book.instrument_id,
    book.best_bid ?? '–',
    book.best_ask ?? '–',
    String(book.bid_levels),
    String(book.ask_levels),
    book.synced ? 'in step' : 'no book',
  ]);
}

/** Where the lines went by kind, and everything that was not as it should be. */
function remarks(file: CaptureFileReport): string[] {
  const name = basename(file.file);
  const said = [`${name}: parsed ${listed(file.parsed)}`];
  if (sum(file.ignored) > 0) said.push(`${name}: ignored ${listed(file.ignored)}`);
  if (sum(file.refused) > 0) said.push(`${name}: REFUSED ${listed(file.refused)}`);
  if (file.bad_lines > 0) said.push(`${name}: ${file.bad_lines} lines WITHOUT A TIME STAMP`);
  if (file.out_of_order > 0) said.push(`${name}: ${file.out_of_order} lines out of order`);
  if (file.truncated_tail) said.push(`${name}: the LAST LINE IS CUT SHORT and was left out`);
  if (file.damage !== null) said.push(`${name}: DAMAGED, played up to there: ${file.damage}`);
  if (!file.every_line_accounted) said.push(`${name}: LINES ARE MISSING from this account`);
  return said;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Text to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    `  ${row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return rows.slice(1).every((other) => /^[\d.–]+$/.test(other[column] ?? ''))
          ? cell.padStart(width)
          : cell.padEnd(width);
      })
      .join('  ')}`.trimEnd(),
  );
}
