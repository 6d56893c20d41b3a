import { faultOf, unwrap } from '@cerberus/core';
import {
  concentration,
  decomposeScenarios,
  estimateError,
  filterByGarch,
  filteredScenarios,
  fitStudentT,
  historicalVar,
  STRESS_SCENARIOS,
  stationaryGarch,
  studentTail,
  type TailRisk,
} from '@cerberus/risk';
import type { Command } from 'commander';
import type { Book, PositionGreeks } from './book.ts';
import { type BookOptions, type LoadedBook, loadBook, withBook } from './book-options.ts';
import { factorReturns, scenarioPnl } from './book-returns.ts';
import { CLI_ERRORS } from './errors.ts';
import { faulty } from './input.ts';
import { histogram } from './plot.ts';
import { Progress } from './progress.ts';
import { printReport, withOutput, withPlot } from './report.ts';
import { STRESS_CONVENTIONS, stressBook } from './stress.ts';
import type { Cell, Table } from './table.ts';

const LEVELS = [0.95, 0.99];
const INTERVAL = 0.95;
const GREEK_COLUMNS = ['value', 'exposure', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

export function addRiskCommand(program: Command): void {
  const command = program
    .command('risk')
    .description('full risk report of a book: Greeks, value at risk, stress, concentration');
  withOutput(
    withPlot(withBook(command), 'the P&L distribution'),
    'cerberus risk --positions book.csv --history BTC=btc_usd_ohlcv_daily.csv --history ETH=eth_usd_ohlcv_daily.csv\n  cerberus risk --positions book.csv --price BTC=60000 --price ETH=2500 --json',
  ).action(risk);
}

function risk(options: BookOptions): void {
  requireHistoryToPlot(options);
  const progress = new Progress({ silent: !process.stderr.isTTY });
  const loaded = loadBook(options);
  const { book } = loaded;
  const greeks = book.greeks();
  const byUnderlying = sums(book, greeks);
  progress.step('scenarios');
  const tail = loaded.history === undefined ? undefined : tailOf(loaded, progress);
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
        ...(tail === undefined
          ? ['no --history: no value at risk']
          : [
              `value at risk over one day of ${tail.observations} (${tail.from} to ${tail.to}), losses positive, type 1 quantile, Acerbi-Tasche shortfall; filtered: each underlying by its own GARCH(1,1)-t; student-t: fitted to the historical P&L`,
            ]),
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

interface Tail {
  readonly observations: number;
  readonly from: string;
  readonly to: string;
  readonly tables: readonly Table[];
  readonly pnl: Float64Array;
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** Historical, filtered and Student-t figures of scenario P&L at each level. */
function estimatesOf(plain: Float64Array, filtered: Float64Array) {
  const { nu, mean, scale } = unwrap(fitStudentT(plain));
  return LEVELS.flatMap((confidence) => {
    const student = { confidence, nu, mean, spread: scale, spreadIs: 'scale' as const };
    const { varLow, varHigh } = unwrap(estimateError(plain, { confidence, level: INTERVAL }));
    const risks: [string, TailRisk][] = [
      ['historical', unwrap(historicalVar(plain, { confidence }))],
      ['filtered', unwrap(historicalVar(filtered, { confidence }))],
      ['student-t', unwrap(studentTail(student))],
    ];
    return risks.map(([method, { valueAtRisk, expectedShortfall }]) => ({
      ...{ method, confidence, valueAtRisk, expectedShortfall },
      ...(method === 'historical' ? { varLow, varHigh } : {}),
    }));
  });
}

function tailOf(loaded: LoadedBook, progress: Progress): Tail {
  const { book } = loaded;
  const { days, columns } = factorReturns(loaded);
  const filtered = columns.map((column, i) => {
    progress.bar(`GARCH of ${book.underlyings[i]}`, i, columns.length);
    return filteredScenarios(unwrap(filterByGarch(column, unwrap(stationaryGarch(column)))));
  });
  const plain = scenarioPnl(book, columns);
  const revalued = scenarioPnl(book, filtered);
  const estimates = estimatesOf(plain.total, revalued.total);
  const parts = unwrap(decomposeScenarios(plain.byUnderlying, { confidence: 0.99 }));
  const components = book.underlyings.map((underlying, i) => ({
    underlying,
    componentVar: parts.componentVar[i]!,
    componentShortfall: parts.componentShortfall[i]!,
    incrementalVar: parts.incrementalVar[i]!,
  }));
  const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
  return {
    observations: days.length,
    from: dateOf(days[0]!),
    to: dateOf(days.at(-1)!),
    pnl: plain.total,
    marks: estimates
      .filter(({ method }) => method !== 'student-t')
      .map(({ method, confidence, valueAtRisk }) => ({
        name: `${method} VaR ${confidence}`,
        at: -valueAtRisk,
      })),
    tables: [
      {
        title: 'Value at risk, one day',
        columns: ['method', 'confidence', 'VaR', 'ES', 'VaR low', 'VaR high'],
        rows: estimates.map((each): Cell[] => [
          each.method,
          each.confidence,
          each.valueAtRisk,
          each.expectedShortfall,
          each.varLow ?? null,
          each.varHigh ?? null,
        ]),
      },
      {
        title: 'Historical 99 % by underlying; components add up to the whole',
        columns: ['underlying', 'component VaR', 'component ES', 'incremental VaR'],
        rows: components.map((each): Cell[] => [
          each.underlying,
          each.componentVar,
          each.componentShortfall,
          each.incrementalVar,
        ]),
      },
    ],
    data: { observations: days.length, estimates, components99: components },
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
  const axes = { title: 'One-day P&L of the book', xLabel: 'P&L', yLabel: 'days of history' };
  return histogram(axes, tail?.pnl ?? [], tail?.marks ?? []);
}
