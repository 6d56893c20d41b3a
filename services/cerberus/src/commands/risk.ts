import { faultOf, unwrap } from '@cerberus/core';
import { concentration, STRESS_SCENARIOS } from '@cerberus/risk';
import type { Command } from 'commander';
import type { Book, PositionGreeks } from './book.ts';
import { type BookOptions, loadBook, withBook } from './book-options.ts';
import { CLI_ERRORS } from './errors.ts';
import { faulty } from './input.ts';
import { histogram } from './plot.ts';
import { Progress } from './progress.ts';
import { printReport, withOutput, withPlot } from './report.ts';
import { bookTail, type Tail, type TailOptions, withTail } from './risk-tail.ts';
import { STRESS_CONVENTIONS, stressBook } from './stress.ts';
import type { Cell, Table } from './table.ts';

const GREEK_COLUMNS = ['value', 'exposure', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

export function addRiskCommand(program: Command): void {
  const command = program
    .command('risk')
    .description('full risk report of a book: Greeks, value at risk, stress, concentration');
  withOutput(
    withPlot(withTail(withBook(command)), 'the P&L distribution'),
    'cerberus risk --positions book.csv --history BTC=btc_usd_ohlcv_daily.csv --history ETH=eth_usd_ohlcv_daily.csv\n  cerberus risk --positions book.csv --price BTC=60000 --price ETH=2500 --json',
  ).action(risk);
}

async function risk(options: BookOptions & TailOptions): Promise<void> {
  requireHistoryToPlot(options);
  const progress = new Progress({ silent: !process.stderr.isTTY });
  const loaded = loadBook(options);
  const { book } = loaded;
  const greeks = book.greeks();
  const byUnderlying = sums(book, greeks);
  progress.step('scenarios');
  const tail = loaded.history === undefined ? undefined : await bookTail(loaded, options, progress);
  progress.step('stress');
  const stress = stressBook(loaded, STRESS_SCENARIOS);
  const shares = concentrationOf(byUnderlying);
  progress.end();
  const positions = book.lines.map(({ id, symbol, kind, underlying }, row) => ({
    ...{ id, symbol, kind, underlying },
    ...greeks[row]!,
  }));
  printReport(
    {
      model:
        'Black-Scholes-Merton Greeks; value at risk by full revaluation of the book on every day of history',
      conventions: [
        ...loaded.conventions,
        ...(tail === undefined ? ['no --history: no value at risk'] : tail.conventions),
        ...STRESS_CONVENTIONS,
      ],
      units:
        'currency of the account; delta, gamma per 1.00 of the underlying, exposure = delta × price, vega per 1.00 of volatility, theta per calendar day, rho per 1.00 of rate',
      inputs: loaded.inputs,
      tables: [
        positionTable(positions),
        underlyingTable(byUnderlying),
        ...(tail?.tables ?? []),
        { title: 'Stress', ...stress.table },
        {
          columns: ['concentration of exposure', 'value'],
          rows: shares === undefined ? [['no exposure', null]] : shares.rows,
        },
      ],
      data: {
        positions,
        underlyings: byUnderlying,
        portfolioValue: positions.reduce((sum, { value }) => sum + value, 0),
        valueAtRisk: tail?.data ?? null,
        stress: {
          scenarios: stress.results,
          worst: stress.worst.id,
          recommendations: stress.recommendations,
        },
        concentration: shares?.data ?? null,
      },
    },
    options,
    () => picture(tail),
  );
}

function requireHistoryToPlot({ plot, history }: BookOptions): void {
  if (plot === undefined || history !== undefined) return;
  const expected = '--history, from which the distribution comes';
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: '--plot', expected }));
}

type Named = { readonly symbol: string; readonly kind: string } & PositionGreeks;

function positionTable(positions: readonly Named[]): Table {
  return {
    title: 'Positions',
    columns: ['position', 'kind', ...GREEK_COLUMNS],
    rows: positions.map((each) => [each.symbol, each.kind, ...GREEK_COLUMNS.map((g) => each[g])]),
  };
}

interface UnderlyingRisk extends PositionGreeks {
  readonly underlying: string;
  readonly price: number;
  /** Change of exposure for a move of 1 %. */
  readonly gammaExposure1pct: number;
}

function sums(book: Book, greeks: readonly PositionGreeks[]): UnderlyingRisk[] {
  return book.underlyings.map((underlying) => {
    const own = greeks.filter((_, row) => book.lines[row]!.underlying === underlying);
    const sum = (name: keyof PositionGreeks): number =>
      own.reduce((total, each) => total + each[name], 0);
    const price = book.spotOf(underlying);
    const gamma = sum('gamma');
    return {
      ...{ underlying, price, gamma, gammaExposure1pct: (gamma * price * price) / 100 },
      ...{ value: sum('value'), exposure: sum('exposure'), delta: sum('delta') },
      ...{ vega: sum('vega'), theta: sum('theta'), rho: sum('rho') },
      ...{ vanna: sum('vanna'), volga: sum('volga') },
    };
  });
}

function underlyingTable(rows: readonly UnderlyingRisk[]): Table {
  return {
    title: 'By underlying',
    columns: ['underlying', 'price', ...GREEK_COLUMNS, 'exposure change per 1 %'],
    rows: rows.map((each) => [
      each.underlying,
      each.price,
      ...GREEK_COLUMNS.map((g) => each[g]),
      each.gammaExposure1pct,
    ]),
  };
}

function concentrationOf(underlyings: readonly UnderlyingRisk[]) {
  const exposures = underlyings.map(({ exposure }) => exposure);
  if (exposures.every((exposure) => exposure === 0)) return undefined;
  const { herfindahl, score, largestShare, largestIndex, effectivePositions } = unwrap(
    concentration(exposures),
  );
  const largest = underlyings[largestIndex]!.underlying;
  const rows: Cell[][] = [
    ['Herfindahl index', herfindahl],
    ['score, 0 equal to 1 single', score],
    [`largest share (${largest})`, largestShare],
    ['effective number', effectivePositions],
  ];
  return { rows, data: { herfindahl, score, largestShare, largest, effectivePositions } };
}

function picture(tail: Tail | undefined): string {
  const horizon = `${tail?.horizon ?? 1}-day`;
  const axes = {
    title: `${horizon} P&L of the book`,
    xLabel: 'P&L',
    yLabel: tail?.outcomes ?? 'outcomes',
  };
  return histogram(axes, tail?.pnl ?? [], tail?.marks ?? []);
}
