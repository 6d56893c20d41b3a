import type { OptionKind } from '@cerberus/pricing';
import type { Command } from 'commander';
import { hashOf, type InputHash, Row, readRows, requireKnownColumns } from './input.ts';

/** A field of an option: a column of a file, and a flag that gives it for one option or as default. */
export interface Field {
  readonly column: string;
  readonly flag: string;
  readonly meaning: string;
}

export const MARKET_FIELDS: readonly Field[] = [
  { column: 'type', flag: '--type <call|put>', meaning: 'call or put' },
  { column: 'spot', flag: '--spot <x>', meaning: 'price of the underlying' },
  { column: 'strike', flag: '--strike <x>', meaning: 'strike' },
  { column: 'time_years', flag: '--time-years <t>', meaning: 'years to expiry, days/365' },
  {
    column: 'rate',
    flag: '--rate <r>',
    meaning: 'interest rate, continuous, 0.05 = 5 % (default 0)',
  },
  {
    column: 'dividend_yield',
    flag: '--dividend-yield <q>',
    meaning: 'yield or foreign rate, continuous (default 0)',
  },
];

export const VOLATILITY: Field = {
  column: 'volatility',
  flag: '--volatility <v>',
  meaning: 'per √year, 0.2 = 20 %',
};

export const PREMIUM: Field = {
  column: 'price',
  flag: '--price <p>',
  meaning: 'premium, discounted, in the currency of the strike',
};

/** Columns a file may carry along without any effect. */
const CARRIED = ['id', 'note'];

export type FieldFlags = Readonly<Record<string, string | boolean | undefined>>;

export interface OptionRows {
  readonly rows: readonly Row[];
  readonly input: InputHash;
}

export function withFields(command: Command, fields: readonly Field[]): Command {
  command.argument('[file]', 'CSV with a header or NDJSON of many options, - for standard input');
  for (const { flag, meaning } of fields) command.option(flag, meaning);
  return command;
}

/** Rows of a file with flags as defaults, or the one row that the flags give. */
export function optionRows(
  file: string | undefined,
  flags: FieldFlags,
  fields: readonly Field[],
): OptionRows {
  const given = new Map<string, string>();
  for (const { column } of fields) {
    const value = flags[flagKey(column)];
    if (typeof value === 'string') given.set(column, value);
  }
  if (file === undefined) {
    const sha256 = hashOf(JSON.stringify([...given].sort()));
    return { rows: [new Row('command line', given)], input: { source: 'command line', sha256 } };
  }
  const read = readRows(file);
  requireKnownColumns(read, [...fields.map(({ column }) => column), ...CARRIED]);
  const filled = read.rows.map((row) => {
    const values = new Map(given);
    for (const column of read.columns) if (row.has(column)) values.set(column, row.text(column));
    return new Row(row.where, values);
  });
  const defaults = given.size === 0 ? '' : JSON.stringify([...given].sort());
  const sha256 = defaults === '' ? read.sha256 : hashOf(read.sha256 + defaults);
  return { rows: filled, input: { source: read.source, sha256 } };
}

/** The key under which commander keeps the flag of a column: `time_years` is `timeYears`. */
function flagKey(column: string): string {
  return column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function marketOf(row: Row) {
  return {
    kind: row.choice<OptionKind>('type', ['call', 'put']),
    spot: row.number('spot'),
    strike: row.number('strike'),
    timeYears: row.number('time_years'),
    rate: row.number('rate', 0),
    dividendYield: row.number('dividend_yield', 0),
  };
}

/** What stands left of the results in a table: the id, or the row's own terms. */
export function labelsOf(row: Row): readonly (string | number)[] {
  return [
    row.text('id') || row.where.replace(/^.* line /, 'line '),
    row.text('type'),
    row.number('strike'),
    row.number('time_years'),
  ];
}

export const LABEL_COLUMNS = ['option', 'type', 'strike', 'years'];

export const OPTION_CONVENTIONS = [
  'time in years of 365 days; rates and yields continuously compounded; volatility 0.2 = 20 % per √year',
];
