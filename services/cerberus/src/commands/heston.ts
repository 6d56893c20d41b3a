import { CerberusError } from '@cerberus/core';
import {
  calibrateHeston,
  type HestonParameters,
  hestonValue,
  impliedVolatility,
} from '@cerberus/pricing';
import type { Command } from 'commander';
import { type Row, readRows, requireKnownColumns } from './input.ts';
import {
  type Field,
  type FieldFlags,
  LABEL_COLUMNS,
  labelsOf,
  MARKET_FIELDS,
  marketOf,
  OPTION_CONVENTIONS,
  optionRows,
  withFields,
} from './option-rows.ts';
import { type OutputOptions, printReport, withOutput } from './report.ts';

const PARAMETERS: readonly Field[] = [
  {
    column: 'variance',
    flag: '--variance <v0>',
    meaning: 'variance today, 0.04 = 20 % volatility',
  },
  { column: 'mean_reversion', flag: '--mean-reversion <kappa>', meaning: 'per year' },
  {
    column: 'long_run_variance',
    flag: '--long-run-variance <theta>',
    meaning: 'level reverted to',
  },
  {
    column: 'volatility_of_variance',
    flag: '--volatility-of-variance <sigma>',
    meaning: 'per √year',
  },
  { column: 'correlation', flag: '--correlation <rho>', meaning: 'of spot and variance' },
];
const FIELDS = [...MARKET_FIELDS, ...PARAMETERS];
const QUOTE_COLUMNS = ['forward', 'strike', 'time_years', 'volatility', 'weight'];
const MODEL = 'Heston (1993) stochastic volatility, semi-analytic on an optimal contour';

export function addHestonCommand(program: Command): void {
  const command = program
    .command('heston')
    .description('price European options under Heston, or calibrate Heston to volatilities');
  withOutput(
    withFields(command, FIELDS).option(
      '--calibrate <file>',
      `fit the parameters to quotes instead: columns ${QUOTE_COLUMNS.join(', ')} (weight optional)`,
    ),
    'cerberus heston --type call --spot 100 --strike 100 --time-years 1 --rate 0.03 --variance 0.04 --mean-reversion 2 --long-run-variance 0.05 --volatility-of-variance 0.5 --correlation -0.7\n  cerberus heston --calibrate quotes.csv',
  ).action((file: string | undefined, flags: FieldFlags & OutputOptions) => {
    const quotes = flags['calibrate'];
    if (typeof quotes === 'string') calibrate(quotes, flags);
    else price(file, flags);
  });
}

function parametersOf(row: Row): HestonParameters {
  return {
    variance: row.number('variance'),
    meanReversion: row.number('mean_reversion'),
    longRunVariance: row.number('long_run_variance'),
    volatilityOfVariance: row.number('volatility_of_variance'),
    correlation: row.number('correlation'),
  };
}

function price(file: string | undefined, flags: FieldFlags & OutputOptions): void {
  const { rows, input } = optionRows(file, flags, FIELDS);
  const results = rows.map((row) => {
    const { kind, ...market } = marketOf(row);
    const parameters = parametersOf(row);
    const value = row.unwrap(hestonValue({ ...market, parameters }));
    const premium = kind === 'call' ? value.call : value.put;
    const implied = impliedVolatility({ ...market, kind, price: premium });
    return {
      labels: labelsOf(row),
      option: { kind, ...market, ...parameters },
      price: premium,
      delta: kind === 'call' ? value.deltaCall : value.deltaPut,
      gamma: value.gamma,
      varianceVega: value.varianceVega,
      // Deep in the money a double may hold no volatility: told as absent, not as a number.
      impliedVolatility: implied.ok ? implied.value : null,
    };
  });
  printReport(
    {
      model: MODEL,
      conventions: OPTION_CONVENTIONS,
      units:
        'price in the currency of the strike; delta, gamma per 1.00 of spot; variance vega per 1.00 of variance',
      inputs: [input],
      tables: [
        {
          columns: [...LABEL_COLUMNS, 'price', 'implied vol', 'delta', 'gamma', 'variance vega'],
          rows: results.map((each) => [
            ...each.labels,
            each.price,
            each.impliedVolatility,
            each.delta,
            each.gamma,
            each.varianceVega,
          ]),
        },
      ],
      data: {
        results: results.map(({ labels, option, ...values }) => ({
          id: labels[0],
          ...option,
          ...values,
        })),
      },
    },
    flags,
  );
}

function calibrate(path: string, flags: OutputOptions): void {
  const read = readRows(path);
  requireKnownColumns(read, QUOTE_COLUMNS);
  const quotes = read.rows.map((row) => ({
    forward: row.number('forward'),
    strike: row.number('strike'),
    timeYears: row.number('time_years'),
    impliedVolatility: row.number('volatility'),
    weight: row.number('weight', 1),
  }));
  const fit = calibrateHeston(quotes);
  if (!fit.ok)
    throw new CerberusError({
      ...fit.error,
      path: `${read.source}: ${fit.error.path ?? 'quotes'}`,
    });
  const { parameters, rootMeanSquareError, largestError, fellerHolds, iterations } = fit.value;
  printReport(
    {
      model: `${MODEL}; Levenberg-Marquardt on implied volatilities`,
      conventions: OPTION_CONVENTIONS,
      units: 'variances per year; errors in volatility, 0.01 = one point',
      inputs: [read],
      tables: [
        {
          columns: ['parameter', 'value'],
          rows: [
            ['variance v₀', parameters.variance],
            ['mean reversion κ', parameters.meanReversion],
            ['long-run variance θ', parameters.longRunVariance],
            ['volatility of variance σ', parameters.volatilityOfVariance],
            ['correlation ρ', parameters.correlation],
            ['root-mean-square error', rootMeanSquareError],
            ['largest error', largestError],
            ['Feller condition 2κθ ≥ σ²', fellerHolds ? 'holds' : 'broken'],
            ['quotes', quotes.length],
          ],
        },
      ],
      data: {
        parameters,
        rootMeanSquareError,
        largestError,
        fellerHolds,
        iterations,
        quotes: quotes.length,
      },
    },
    flags,
  );
}
