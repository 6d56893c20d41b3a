import { europeanPrice } from '@cerberus/pricing';
import type { Command } from 'commander';
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
import { type OutputOptions, printReport, withOutput } from './report.ts';

const FIELDS = [...MARKET_FIELDS, VOLATILITY];

export function addPriceCommand(program: Command): void {
  const command = program.command('price').description('price European options');
  withOutput(
    withFields(command, FIELDS),
    'cerberus price --type call --spot 100 --strike 105 --time-years 0.5 --rate 0.05 --volatility 0.2\n  cerberus price options.csv --json',
  ).action(price);
}

function price(file: string | undefined, flags: FieldFlags & OutputOptions): void {
  const { rows, input } = optionRows(file, flags, FIELDS);
  const results = rows.map((row) => {
    const option = { ...marketOf(row), volatility: row.number('volatility') };
    const forward = option.spot * Math.exp((option.rate - option.dividendYield) * option.timeYears);
    return { labels: labelsOf(row), option, forward, price: row.unwrap(europeanPrice(option)) };
  });
  printReport(
    {
      model: 'Black-Scholes-Merton, European exercise',
      conventions: OPTION_CONVENTIONS,
      units: 'price in the currency of the strike, per unit of underlying',
      inputs: [input],
      tables: [
        {
          columns: [...LABEL_COLUMNS, 'forward', 'price'],
          rows: results.map((each) => [...each.labels, each.forward, each.price]),
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
