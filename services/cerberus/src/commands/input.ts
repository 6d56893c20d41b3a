import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CerberusError, type Fault, faultOf, type Result } from '@cerberus/core';
import { parseCsv } from '@cerberus/orders';
import { CLI_ERRORS } from './errors.ts';

/** What a report says of a file that it read. */
export interface InputHash {
  readonly source: string;
  /** First 16 hex digits of the SHA-256 of the bytes. */
  readonly sha256: string;
}

export interface InputText extends InputHash {
  readonly text: string;
}

export interface Rows extends InputHash {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const STDIN = '-';
const STDIN_FILE = 0;
const RECEIVED_MAX = 60;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A file, plain or gzip, or standard input as `-`; read whole. */
export function readInput(path: string): InputText {
  const source = path === STDIN ? 'standard input' : basename(path);
  try {
    const bytes = readFileSync(path === STDIN ? STDIN_FILE : path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8');
    return { source, sha256: hashOf(bytes), text };
  } catch (error) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_UNREADABLE, { path, received: (error as Error).message }),
    );
  }
}

export function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

export function faulty(fault: Fault): CerberusError {
  return new CerberusError(fault);
}

/** Records of a CSV file with a header, or of NDJSON where the first line opens an object. */
export function readRows(path: string): Rows {
  const { text, source, sha256 } = readInput(path);
  const parsed = text.trimStart().startsWith('{') ? ndjson(text, source) : csv(text, source);
  if (parsed.rows.length === 0) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_INVALID, { path: source, expected: 'rows', received: 'none' }),
    );
  }
  return { source, sha256, ...parsed };
}

function csv(text: string, source: string): Pick<Rows, 'columns' | 'rows'> {
  const table = parseCsv(text);
  if (!table.ok) {
    const path = `${source} ${table.error.path ?? ''}`.trim();
    const { expected = 'a table', received = '' } = table.error;
    throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected, received }));
  }
  const columns = table.value.header.cells.map((cell) => cell.toLowerCase());
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) {
    const path = `${source} line ${table.value.header.line}, column ${twice}`;
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected: 'each column once', received: 'twice' }),
    );
  }
  const rows = table.value.rows.map(({ line, cells }) => {
    const values = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
    return new Row(`${source} line ${line}`, values);
  });
  return { columns, rows };
}

function ndjson(text: string, source: string): Pick<Rows, 'columns' | 'rows'> {
  const columns = new Set<string>();
  const rows: Row[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const where = `${source} line ${index + 1}`;
    const values = new Map<string, string>();
    for (const [name, value] of Object.entries(objectOf(line, where))) {
      if (typeof value === 'object' && value !== null) {
        const path = `${where}, ${name}`;
        throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected: 'a number or text' }));
      }
      columns.add(name.toLowerCase());
      values.set(name.toLowerCase(), value === null ? '' : String(value));
    }
    rows.push(new Row(where, values));
  }
  return { columns: [...columns], rows };
}

function objectOf(line: string, where: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    const column = /position (\d+)/.exec((error as Error).message)?.[1];
    const path = column === undefined ? where : `${where}, column ${Number(column) + 1}`;
    const received = (error as Error).message.slice(0, RECEIVED_MAX);
    throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected: 'a JSON object', received }));
  }
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_INVALID, {
      path: where,
      expected: 'a JSON object',
      received: line.slice(0, RECEIVED_MAX),
    }),
  );
}

/** The number that a text is, or undefined; NaN and the infinities are no numbers here. */
export function finiteNumber(text: string): number | undefined {
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** One record; every reader names line and column of what it does not like. */
export class Row {
  /** File and line, or the command line. */
  readonly where: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(where: string, values: ReadonlyMap<string, string>) {
    this.where = where;
    this.#values = values;
  }

  has(column: string): boolean {
    return this.text(column) !== '';
  }

  /** The cell, empty where there is none. */
  text(column: string): string {
    return this.#values.get(column) ?? '';
  }

  required(column: string): string {
    const text = this.text(column);
    if (text !== '') return text;
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_MISSING, { path: this.path(column), expected: 'a value' }),
    );
  }

  number(column: string, fallback?: number): number {
    if (fallback !== undefined && !this.has(column)) return fallback;
    const text = this.required(column);
    return finiteNumber(text) ?? this.#refuse(column, 'a finite number', text);
  }

  choice<T extends string>(column: string, choices: readonly T[], fallback?: T): T {
    if (fallback !== undefined && !this.has(column)) return fallback;
    const text = this.required(column).toLowerCase();
    const choice = choices.find((each) => each === text);
    return choice ?? this.#refuse(column, `one of ${choices.join(', ')}`, text);
  }

  /** Days since 1970-01-01 of a date YYYY-MM-DD. */
  day(column: string): number {
    const text = this.required(column);
    const dayMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(dayMs)) this.#refuse(column, 'a date YYYY-MM-DD', text);
    return dayMs / MS_PER_DAY;
  }

  /** The value of a kernel, whose fault gets this record's place. */
  unwrap<T>(result: Result<T>): T {
    if (result.ok) return result.value;
    const { path } = result.error;
    throw faulty({
      ...result.error,
      path: path === undefined ? this.where : this.path(columnOf(path)),
    });
  }

  path(column: string): string {
    return `${this.where}, ${column}`;
  }

  #refuse(column: string, expected: string, received: string): never {
    const path = this.path(column);
    const shown = received.slice(0, RECEIVED_MAX);
    throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected, received: shown }));
  }
}

export const MS_PER_DAY = 86_400_000;

/** Kernels name a field as code does, files as JSON does. */
function columnOf(field: string): string {
  return field.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A column that no reader knows is a misspelt one: refused rather than dropped. */
export function requireKnownColumns({ source, columns }: Rows, known: readonly string[]): void {
  const unknown = columns.find((column) => !known.includes(column));
  if (unknown === undefined) return;
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_INVALID, {
      path: `${source}, column ${unknown.slice(0, RECEIVED_MAX)}`,
      expected: `columns among ${known.join(', ')}`,
      received: unknown.slice(0, RECEIVED_MAX),
    }),
  );
}
