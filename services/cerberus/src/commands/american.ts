import {
  AMERICAN_ACCURACIES,
  type AmericanAccuracy,
  type AmericanOption,
  americanGreeks,
  americanValue,
  type CashDividend,
  finiteDifferences,
} from '@cerberus/pricing';
import type { Command } from 'commander';
import type { Row } from './input.ts';
import {
  type Field,
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
import { choiceFlag, numberFlag, pairsFlag } from './options.ts';
import { Progress } from './progress.ts';
import { type OutputOptions, printReport, withOutput } from './report.ts';

const DIVIDENDS: Field = {
  column: 'dividends',
  flag: '--dividends <t=amount …>',
  meaning: 'cash dividends by years to the ex-date, e.g. "0.1=1.5 0.6=1.5"',
};
const FIELDS = [...MARKET_FIELDS, VOLATILITY, DIVIDENDS];
const MODELS = ['spot', 'escrowed'] as const;

export function addAmericanCommand(program: Command): void {
  const command = program
    .command('american')
    .description('price American options and their Greeks');
  withOutput(
    withFields(command, FIELDS)
      .option('--accuracy <fast|standard|reference>', 'size of the collocation', 'standard')
      .option('--dividend-model <spot|escrowed>', 'what pays cash dividends', 'spot'),
    'cerberus american --type put --spot 36 --strike 40 --time-years 1 --rate 0.06 --volatility 0.2\n  cerberus american --type call --spot 100 --strike 100 --time-years 1 --rate 0.03 --volatility 0.25 --dividends "0.4=3"',
  ).action(american);
}

function american(file: string | undefined, flags: FieldFlags & OutputOptions): void {
  const accuracy = choiceFlag('--accuracy', String(flags['accuracy']), AMERICAN_ACCURACIES);
  const dividendModel = choiceFlag('--dividend-model', String(flags['dividendModel']), MODELS);
  const { rows, input } = optionRows(file, flags, FIELDS);
  const progress = new Progress({ silent: false });
  const results = rows.map((row, index) => {
    progress.bar('American options', index, rows.length);
    const option = { ...marketOf(row), volatility: row.number('volatility') };
    const dividends = dividendsOf(row);
    const values =
      dividends.length === 0
        ? continuous(row, option, accuracy)
        : withDividends(row, option, { dividends, dividendModel });
    return { labels: labelsOf(row), option, values };
  });
  progress.end();
  const shown = ['price', 'european', 'premium', 'delta', 'gamma', 'theta'] as const;
  printReport(
    {
      model: `American exercise: spectral collocation of the exercise boundary (${accuracy}); with cash dividends Crank-Nicolson finite differences (${dividendModel} model)`,
      conventions: OPTION_CONVENTIONS,
      units:
        'currency of the strike; delta, gamma per 1.00 of spot; vega per 1.00 of volatility, rho of rate; theta per calendar day',
      inputs: [input],
      tables: [
        {
          columns: [...LABEL_COLUMNS, ...shown, 'exercise at', 'method'],
          rows: results.map(({ labels, values }) => [
            ...labels,
            ...shown.map((name) => values[name]),
            values.exerciseSpot,
            values.method,
          ]),
        },
      ],
      data: {
        results: results.map(({ labels, option, values }) => ({
          id: labels[0],
          ...option,
          ...values,
        })),
      },
    },
    flags,
  );
}

interface Values {
  readonly price: number;
  /** The same option exercised at expiry only. */
  readonly european: number;
  readonly premium: number;
  readonly delta: number;
  readonly gamma: number;
  readonly theta: number;
  readonly vega?: number;
  readonly rho?: number;
  readonly exerciseSpot: number | null;
  readonly method: string;
}

function continuous(row: Row, option: AmericanOption, accuracy: AmericanAccuracy): Values {
  const value = row.unwrap(americanValue(option, accuracy));
  const { delta, gamma, theta, vega, rho } = row.unwrap(americanGreeks(option, accuracy));
  const { price, europeanPrice: european, regime } = value;
  return {
    ...{ price, european, premium: price - european, delta, gamma, theta, vega, rho },
    exerciseSpot: value.exerciseSpot ?? null,
    method: regime,
  };
}

function withDividends(
  row: Row,
  option: AmericanOption,
  paid: {
    readonly dividends: readonly CashDividend[];
    readonly dividendModel: 'spot' | 'escrowed';
  },
): Values {
  const grid = { ...option, ...paid };
  const american = row.unwrap(finiteDifferences({ ...grid, exercise: 'american' }));
  const european = row.unwrap(finiteDifferences({ ...grid, exercise: 'european' })).price;
  const { price } = american;
  return { ...american, european, premium: price - european, exerciseSpot: null, method: 'grid' };
}

function dividendsOf(row: Row): CashDividend[] {
  const text = row.text('dividends').trim();
  if (text === '') return [];
  const where = row.path('dividends');
  return [...pairsFlag(where, text.split(/\s+/))].map(([time, amount]) => ({
    timeYears: numberFlag(where, time),
    amount: numberFlag(where, amount),
  }));
}
