import { europeanGreeks, europeanPrice, perYear } from '@cerberus/pricing';
import {
  type AttributionGreeks,
  attributeByGreek,
  attributeToFactors,
  GREEK_TERMS,
  type GreekTerm,
  type MarketMove,
} from '@cerberus/risk';
import type { Command } from 'commander';
import { type FactorOptions, type Factors, factorsOf, factorTable } from './attribution-factors.ts';
import { type Row, readRows, requireKnownColumns } from './input.ts';
import { marketOf, OPTION_CONVENTIONS } from './option-rows.ts';
import { collected, numberFlag } from './options.ts';
import { type OutputOptions, printReport, withOutput } from './report.ts';
import type { Cell, Table } from './table.ts';

const COLUMNS = [
  ...[
    'id',
    'note',
    'underlying',
    'type',
    'spot',
    'strike',
    'time_years',
    'rate',
    'dividend_yield',
    'volatility',
  ],
  ...[
    'quantity',
    'days',
    'spot_end',
    'volatility_end',
    'rate_end',
    'dividend_yield_end',
    'price_end',
  ],
  ...['fees', 'slippage', 'borrow', 'funding'],
];
const DAYS_PER_YEAR = 365;

interface AttributionOptions extends OutputOptions, FactorOptions {
  readonly threshold: string;
}

export function addAttributionCommand(program: Command): void {
  const command = program
    .command('attribution')
    .description('explain the P&L of positions by Greek, factor, cost and what is left')
    .argument('<file>', `CSV or NDJSON, one position per row: ${COLUMNS.slice(2).join(', ')}`)
    .option('--threshold <share>', 'unexplained share from which causes are given', '0.05')
    .option('--factor <NAME=return>', 'simple return of a factor, 0.05 = 5 % (repeat)', collected)
    .option('--betas <file>', 'columns underlying, factor, beta; a factor follows itself')
    .option(
      '--history <file>',
      'NAME=FILE (repeat): betas by regression of its returns',
      collected,
    );
  withOutput(
    command,
    'cerberus attribution positions.csv\n  cerberus attribution positions.csv --factor BTC=0.05 --factor QQQ=0.01 --betas betas.csv',
  ).action(attribution);
}

function attribution(file: string, options: AttributionOptions): void {
  const threshold = numberFlag('--threshold', options.threshold);
  const read = readRows(file);
  requireKnownColumns(read, COLUMNS);
  const factors = factorsOf(options);
  const results = read.rows.map((row, index) => ({
    id: row.text('id') || `row ${index + 1}`,
    ...attributed(row, threshold, factors),
  }));
  const sum = (pick: (each: Attributed) => number) =>
    results.reduce((total, each) => total + pick(each), 0);
  printReport(
    {
      model:
        'Taylor expansion of Black-Scholes-Merton in spot, volatility, time and rates to third order with cross terms; actual P&L by full revaluation where price_end is not given',
      conventions: [
        ...OPTION_CONVENTIONS,
        'costs are negative P&L; days are calendar days held; type spot: the underlying itself',
        ...(factors === undefined ? [] : [factors.convention]),
      ],
      units: 'currency of the strike',
      inputs: [read, ...(factors?.inputs ?? [])],
      tables: [
        greekTable(results),
        ...(factors === undefined ? [] : [factorTable(splitsOf(results), factors)]),
        ...results.flatMap(({ id, causes }) =>
          causes.length === 0
            ? []
            : [{ columns: [`unexplained of ${id}`], rows: causes.map((cause) => [cause]) }],
        ),
      ],
      data: {
        positions: results,
        total: {
          actual: sum(({ actual }) => actual),
          explained: sum(({ explained }) => explained),
          costs: sum(costOf),
          unexplained: sum(({ unexplained }) => unexplained),
          byGreek: Object.fromEntries(
            GREEK_TERMS.map((term) => [term, sum(({ byGreek }) => byGreek[term])]),
          ),
        },
      },
    },
    options,
  );
}

type Attributed = { readonly id: string } & ReturnType<typeof attributed>;

function costOf({ costs }: Attributed): number {
  return Object.values(costs).reduce((total, cost) => total + cost, 0);
}

function greekTable(results: readonly Attributed[]): Table {
  const terms = GREEK_TERMS.filter((term) => results.some(({ byGreek }) => byGreek[term] !== 0));
  const row = (name: string, pick: (each: Attributed) => number): Cell[] => [
    name,
    ...results.map(pick),
    results.reduce((total, each) => total + pick(each), 0),
  ];
  return {
    columns: ['P&L', ...results.map(({ id }) => id), 'total'],
    rows: [
      ...terms.map((term: GreekTerm) => row(term, ({ byGreek }) => byGreek[term])),
      row('explained', ({ explained }) => explained),
      row('costs', costOf),
      row('actual', ({ actual }) => actual),
      row('unexplained', ({ unexplained }) => unexplained),
    ],
  };
}

function splitsOf(results: readonly Attributed[]) {
  return results.flatMap(({ id, factors: split }) => (split === null ? [] : [{ id, split }]));
}

interface Period {
  readonly greeks: AttributionGreeks;
  readonly move: MarketMove;
  /** Of one unit, at the start and at the end. */
  readonly priceStart: number;
  readonly priceEnd: number;
  readonly spotStart: number;
}

function attributed(row: Row, threshold: number, factors: Factors | undefined) {
  const { greeks, move, priceStart, priceEnd, spotStart } =
    row.text('type').toLowerCase() === 'spot' ? spotPeriod(row) : optionPeriod(row);
  const quantity = row.number('quantity', 1);
  const costs = {
    fees: row.number('fees', 0),
    slippage: row.number('slippage', 0),
    borrow: row.number('borrow', 0),
    funding: row.number('funding', 0),
  };
  const paid = costs.fees + costs.slippage + costs.borrow + costs.funding;
  const actual = quantity * (priceEnd - priceStart) - paid;
  const result = row.unwrap(attributeByGreek({ greeks, move, quantity, actual, costs, threshold }));
  if (factors === undefined) return { ...result, factors: null };
  const loadings = factors.loadingsOf(row.required('underlying'), row);
  const exposure = quantity * greeks.delta * spotStart;
  const split = row.unwrap(attributeToFactors({ attribution: result, exposure, loadings }));
  return { ...result, factors: split };
}

/** The underlying itself: linear in its price, and in nothing else. */
function spotPeriod(row: Row): Period {
  const spotStart = row.number('spot');
  const spotEnd = row.number('spot_end', spotStart);
  return {
    ...{ greeks: { delta: 1 }, move: { spot: spotEnd - spotStart } },
    ...{ priceStart: spotStart, priceEnd: row.number('price_end', spotEnd), spotStart },
  };
}

function optionPeriod(row: Row): Period {
  const start = { ...marketOf(row), volatility: row.number('volatility') };
  const years = row.number('days', 0) / DAYS_PER_YEAR;
  const end = {
    ...start,
    spot: row.number('spot_end', start.spot),
    volatility: row.number('volatility_end', start.volatility),
    rate: row.number('rate_end', start.rate),
    dividendYield: row.number('dividend_yield_end', start.dividendYield),
    timeYears: start.timeYears - years,
  };
  const greeks = row.unwrap(europeanGreeks(start));
  return {
    greeks: {
      ...greeks,
      theta: perYear(greeks.theta),
      charm: perYear(greeks.charm),
      veta: perYear(greeks.veta),
      color: perYear(greeks.color),
    },
    move: {
      spot: end.spot - start.spot,
      volatility: end.volatility - start.volatility,
      years,
      rate: end.rate - start.rate,
      dividendYield: end.dividendYield - start.dividendYield,
    },
    priceStart: greeks.price,
    priceEnd: row.has('price_end') ? row.number('price_end') : row.unwrap(europeanPrice(end)),
    spotStart: start.spot,
  };
}
