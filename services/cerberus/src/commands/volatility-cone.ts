import { faultOf, type Result } from '@cerberus/core';
import {
  type ConeSlice,
  type PriceBars,
  VOLATILITY_ESTIMATORS,
  volatilityCone,
} from '@cerberus/features';
import type { Command } from 'commander';
import { periodsPerYear } from './book-returns.ts';
import { CLI_ERRORS } from './errors.ts';
import { requireColumns, risingDays } from './history.ts';
import { faulty, type Rows, readRows } from './input.ts';
import { boundedListFlag, choiceFlag, collected, numberFlag, pairsFlag } from './options.ts';
import { dayText, lineChart } from './plot.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';

const PROBABILITIES = [0.1, 0.25, 0.5, 0.75, 0.9];
const HORIZONS = '5,10,21,42,63,126,252';

interface ConeOptions extends OutputOptions {
  readonly horizons: string;
  readonly estimator: string;
  readonly periodsPerYear?: string;
  readonly implied?: readonly string[];
}

export function addVolatilityConeCommand(program: Command): void {
  const command = program
    .command('vol-cone')
    .description('percentiles of realised volatility by horizon, with today’s and an implied one')
    .argument('<file>', 'CSV or NDJSON in time order: close; open, high, low for range estimators')
    .option('--horizons <list>', 'periods per window', HORIZONS)
    .option('--estimator <name>', VOLATILITY_ESTIMATORS.join(', '), 'close')
    .option('--periods-per-year <n>', 'of the bars (default: as the dates have it, else 252)')
    .option(
      '--implied <PERIODS=v>',
      'implied volatility of a horizon, 0.5 = 50 % (repeat)',
      collected,
    );
  withOutput(
    withPlot(command, 'the cone'),
    'cerberus vol-cone btc_usd_ohlcv_daily.csv --implied 30=0.55 --plot cone.svg',
  ).action(cone);
}

function cone(file: string, options: ConeOptions): void {
  const estimator = choiceFlag('--estimator', options.estimator, VOLATILITY_ESTIMATORS);
  const asked = boundedListFlag('--horizons', options.horizons, { low: 2, isOpen: false });
  const implied = impliedBy(options.implied ?? []);
  const horizons = [...new Set([...asked, ...implied.keys()])].sort((a, b) => a - b);
  const read = readRows(file);
  const bars = barsOf(read, estimator === 'close' ? ['close'] : ['open', 'high', 'low', 'close']);
  const days = read.columns.includes('date') ? risingDays(read.rows) : undefined;
  const perYear =
    options.periodsPerYear === undefined
      ? periodsPerYear(days)
      : numberFlag('--periods-per-year', options.periodsPerYear);
  const probabilities = PROBABILITIES;
  const slices = unwrapped(
    volatilityCone(bars, { horizons, probabilities, estimator, periodsPerYear: perYear, implied }),
    read,
  );
  const span =
    days === undefined ? '' : `, ${dayText(days[0]!)} to ${dayText(days[days.length - 1]!)}`;
  printReport(
    {
      model: `volatility cone of ${estimator} realised volatility`,
      conventions: [
        `${bars.close.length} closes${span}; ${Number(perYear.toPrecision(6))} periods a year; windows overlap, and "separate" counts those that fit side by side`,
        'percentiles linear between order statistics (type 7); rank: share of windows at or below',
      ],
      units: 'volatility per √year, 0.2 = 20 %; horizons in periods of the file',
      inputs: [read],
      tables: [coneTable(slices)],
      data: { estimator, periodsPerYear: perYear, probabilities, cone: slices },
    },
    options,
    () => picture(slices, estimator),
  );
}

function coneTable(slices: readonly ConeSlice[]) {
  return {
    columns: [
      ...['horizon', 'separate', 'minimum', ...PROBABILITIES.map((p) => `${100 * p} %`)],
      ...['maximum', 'current', 'rank', 'implied', 'rank'],
    ],
    rows: slices.map((slice) => [
      ...[slice.horizon, slice.separateWindows, slice.minimum, ...slice.percentiles],
      ...[slice.maximum, slice.current, slice.currentRank],
      ...[slice.implied ?? null, slice.impliedRank ?? null],
    ]),
  };
}

function impliedBy(texts: readonly string[]): Map<number, number> {
  const flag = '--implied';
  return new Map(
    [...pairsFlag(flag, texts)].map(([periods, text]) => {
      const horizon = numberFlag(flag, periods);
      const value = numberFlag(flag, text);
      if (Number.isInteger(horizon) && horizon >= 2 && value > 0) return [horizon, value];
      const expected = 'a whole number of periods from 2 = a volatility above 0';
      const received = `${periods}=${text}`;
      throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: flag, expected, received }));
    }),
  );
}

function barsOf(read: Rows, names: readonly (keyof PriceBars)[]): PriceBars {
  requireColumns(read, names);
  const columns = names.map((name) => [
    name,
    Float64Array.from(read.rows, (row) => row.number(name)),
  ]);
  return Object.fromEntries(columns) as unknown as PriceBars;
}

/** A fault at a row of the bars gets the row's place in the file. */
function unwrapped<T>(result: Result<T>, read: Rows): T {
  if (result.ok) return result.value;
  const { path = '' } = result.error;
  const [, name, index] = /^(?:(\w+)\[|row )(\d+)\]?$/.exec(path) ?? [];
  const row = index === undefined || name === 'horizons' ? undefined : read.rows[Number(index)];
  if (row === undefined) throw faulty(result.error);
  throw faulty({ ...result.error, path: name === undefined ? row.where : row.path(name) });
}

/** The percentiles and today's volatility over the horizons; an implied one as a level, being one point. */
function picture(slices: readonly ConeSlice[], estimator: string): string {
  const line = (name: string, pick: (slice: ConeSlice) => number) => ({
    name,
    points: slices.map((slice): [number, number] => [slice.horizon, pick(slice)]),
  });
  const axes = {
    title: `Volatility cone, ${estimator}`,
    xLabel: 'horizon, periods',
    yLabel: 'volatility per √year',
  };
  return lineChart(
    axes,
    [
      line('current', ({ current }) => current),
      ...PROBABILITIES.map((p, i) => line(`${100 * p} %`, ({ percentiles }) => percentiles[i]!)),
    ],
    slices.flatMap(({ horizon, implied }) =>
      implied === undefined ? [] : [{ name: `implied ${horizon}`, at: implied }],
    ),
  );
}
