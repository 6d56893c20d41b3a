import { impliedVolatility } from '@cerberus/pricing';
import type { Command } from 'commander';
import {
  type FieldFlags,
  LABEL_COLUMNS,
  labelsOf,
  MARKET_FIELDS,
  marketOf,
  OPTION_CONVENTIONS,
  optionRows,
  PREMIUM,
  withFields,
} from './option-rows.ts';
import { type OutputOptions, printReport, withOutput } from './report.ts';

/** Codes that say that the price, not an input, has no volatility. */
const UNSOLVED = /^CRB_PRICING_IV_/;
const FIELDS = [...MARKET_FIELDS, PREMIUM];

export function addImpliedVolatilityCommand(program: Command): void {
  const command = program.command('iv').description('implied volatility of option prices');
  withOutput(
    withFields(command, FIELDS).option(
      '--skip-unsolved',
      'where no volatility gives the price, say why and go on (default: refuse the input)',
    ),
    'cerberus iv --type call --spot 100 --strike 105 --time-years 0.5 --rate 0.05 --price 4.58',
  ).action(implied);
}

function implied(file: string | undefined, flags: FieldFlags & OutputOptions): void {
  const { rows, input } = optionRows(file, flags, FIELDS);
  const results = rows.map((row) => {
    const quote = { ...marketOf(row), price: row.number('price') };
    const solved = impliedVolatility(quote);
    const isSkipped =
      !solved.ok && flags['skipUnsolved'] === true && UNSOLVED.test(solved.error.code);
    const volatility = isSkipped ? null : row.unwrap(solved);
    const reason = isSkipped ? solved.error.code : null;
    return { labels: labelsOf(row), quote, volatility, reason };
  });
  printReport(
    {
      model: 'Black-Scholes-Merton inverted to machine precision, European exercise',
      conventions: OPTION_CONVENTIONS,
      units: 'volatility per √year, 0.2 = 20 %',
      inputs: [input],
      tables: [
        {
          columns: [...LABEL_COLUMNS, 'price', 'implied volatility', ''],
          rows: results.map((each) => [
            ...each.labels,
            each.quote.price,
            each.volatility,
            each.reason ?? '',
          ]),
        },
      ],
      data: {
        results: results.map(({ labels, quote, volatility, reason }) => ({
          id: labels[0],
          ...quote,
          implied_volatility: volatility,
          reason,
        })),
      },
    },
    flags,
  );
}
