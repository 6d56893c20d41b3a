export type Cell = string | number | null;

export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const DIGITS = 8;
/** From here on a table shows cents. */
const CENTS_FROM = 1000;

/** Eight significant digits without trailing zeros, cents above 1,000; extreme numbers as powers. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-5) return value.toExponential(DIGITS - 3);
  if (size >= CENTS_FROM) return value.toFixed(2);
  return String(Number(value.toPrecision(DIGITS)));
}

/** Columns aligned by spaces: text left, numbers right; `–` for what does not apply. */
export function tableText({ title, columns, rows }: Table): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = columns.map((name, c) =>
    Math.max(name.length, ...texts.map((row) => (row[c] ?? '').length)),
  );
  const isNumeric = columns.map((_, c) => rows.some((row) => typeof row[c] === 'number'));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (isNumeric[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  const body = [line(columns), widths.map((width) => '─'.repeat(width)).join('  ')];
  return [...(title === undefined ? [] : [title]), ...body, ...texts.map(line)].join('\n');
}

function cellText(cell: Cell): string {
  if (cell === null) return '–';
  return typeof cell === 'number' ? numberText(cell) : cell;
}
