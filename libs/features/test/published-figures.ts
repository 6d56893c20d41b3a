// Rows of the shared data as objects; tests of real figures are skipped, visibly, where it is absent.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = process.env['CERBERUS_SHARED_DIR'] ?? join(process.cwd(), '..', 'shared');
const DATA = join(SHARED, 'data');

export const isDataPresent = existsSync(DATA);
export const absenceNote = isDataPresent ? '' : ' (shared/data is absent)';

export function tableOf(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(join(DATA, file), 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

export function column(rows: readonly Record<string, string>[], name: string): Float64Array {
  return Float64Array.from(rows, (row) => Number(row[name]));
}
