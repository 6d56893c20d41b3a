import { unwrap } from '@cerberus/core';
import {
  type EuropeanOption,
  europeanGreeks,
  GREEK_NAMES,
  type Greeks,
  greeksAt,
  setEuropeanRow,
} from '@cerberus/pricing';
import { EuropeanBatch } from '@cerberus/simd';
import type { Command } from 'commander';
import { SCALAR_EUROPEAN, takesVectors } from './book.ts';
import type { Row } from './input.ts';
import {
  type FieldFlags,
  LABEL_COLUMNS,
  labelsOf,
  MARKET_FIELDS,
  marketOf,
  OPTION_CONVENTIONS,
  optionRows,
  VOLATILITY,
  withFields,
} from './option-rows.ts';
import { choiceFlag } from './options.ts';
import { type OutputOptions, printReport, withOutput } from './report.ts';

const FIELDS = [...MARKET_FIELDS, VOLATILITY];
const UNITS = ['library', 'trader'] as const;

/** Times each library unit: volatility by the point, rates by the basis point. */
const TRADER: Partial<Record<keyof Greeks, number>> = {
  vega: 1e-2,
  vanna: 1e-2,
  zomma: 1e-2,
  veta: 1e-2,
  volga: 1e-4,
  ultima: 1e-6,
  rho: 1e-4,
  dividendRho: 1e-4,
};

const UNIT_TEXT = {
  library:
    'per 1.00 of spot, volatility, rate and strike; theta, charm, veta, color per calendar day',
  trader:
    'per 1.00 of spot and strike, per volatility point, per basis point; theta, charm, veta, color per calendar day',
};

export function addGreeksCommand(program: Command): void {
  const command = program
    .command('greeks')
    .description('price and sensitivities to third order of European options');
  withOutput(
    withFields(command, FIELDS).option(
      '--units <library|trader>',
      'units of the Greeks',
      'library',
    ),
    'cerberus greeks --type put --spot 60000 --strike 50000 --time-years 0.25 --volatility 0.6 --units trader',
  ).action(greeks);
}

function greeks(file: string | undefined, flags: FieldFlags & OutputOptions): void {
  const units = choiceFlag('--units', String(flags['units']), UNITS);
  const { rows, input } = optionRows(file, flags, FIELDS);
  const options = rows.map((row) => ({ ...marketOf(row), volatility: row.number('volatility') }));
  const values = greeksOf(rows, options);
  const results = rows.map((row, index) => ({
    labels: labelsOf(row),
    option: options[index]!,
    greeks: inUnits(values[index]!, units),
  }));
  const [only] = results;
  const table =
    results.length === 1 && only !== undefined
      ? { columns: ['greek', 'value'], rows: GREEK_NAMES.map((name) => [name, only.greeks[name]]) }
      : {
          columns: [...LABEL_COLUMNS, ...GREEK_NAMES],
          rows: results.map((each) => [
            ...each.labels,
            ...GREEK_NAMES.map((name) => each.greeks[name]),
          ]),
        };
  printReport(
    {
      model: 'Black-Scholes-Merton, European exercise',
      conventions: OPTION_CONVENTIONS,
      units: `${units}: ${UNIT_TEXT[units]}`,
      inputs: [input],
      tables: [table],
      data: {
        results: results.map((each) => ({ id: each.labels[0], ...each.option, ...each.greeks })),
      },
    },
    flags,
  );
}

/** A file of many options goes to the vector kernel; a fault is told by the row and its field. */
function greeksOf(rows: readonly Row[], options: readonly EuropeanOption[]): Greeks[] {
  if (!takesVectors(rows.length)) {
    return rows.map((row, index) => row.unwrap(europeanGreeks(options[index]!)));
  }
  const batch = new EuropeanBatch(rows.length, SCALAR_EUROPEAN);
  for (const [row, option] of options.entries()) setEuropeanRow(batch.options, row, option);
  const done = batch.greeks();
  if (!done.ok) for (const [i, row] of rows.entries()) row.unwrap(europeanGreeks(options[i]!));
  unwrap(done);
  return rows.map((_, row) => greeksAt(batch.values, row));
}

function inUnits(values: Greeks, units: (typeof UNITS)[number]): Greeks {
  if (units === 'library') return values;
  const entries = GREEK_NAMES.map((name) => [name, values[name] * (TRADER[name] ?? 1)]);
  return Object.fromEntries(entries) as Greeks;
}
