import { unwrap } from '@cerberus/core';
import {
  decomposeScenarios,
  estimateError,
  filterByGarch,
  filteredScenarios,
  fitStudentT,
  historicalVar,
  stationaryGarch,
  studentTail,
  type TailRisk,
} from '@cerberus/risk';
import type { Command } from 'commander';
import type { Book } from './book.ts';
import type { LoadedBook } from './book-options.ts';
import type { ScenarioPnl } from './book-returns.ts';
import {
  type Simulation,
  simulate,
  simulatedRisks,
  simulationConventions,
  simulationData,
  simulationTables,
} from './monte-carlo.ts';
import { type MonteCarloOptions, monteCarloChoice, withMonteCarlo } from './monte-carlo-options.ts';
import { wholeFlag } from './options.ts';
import type { Progress } from './progress.ts';
import type { Cell, Table } from './table.ts';
import { HORIZON_MAX } from './value-at-risk.ts';
import { type BookMoves, bookMoves, type MoveOptions, withPassTime } from './var-source.ts';

const LEVELS = [0.95, 0.99];
const INTERVAL = 0.95;

export interface TailOptions extends MonteCarloOptions, MoveOptions {
  readonly horizon: string;
  /** False where `--no-monte-carlo` is given. */
  readonly monteCarlo: boolean;
}

export interface Tail {
  readonly horizon: number;
  readonly conventions: readonly string[];
  readonly tables: readonly Table[];
  /** Simulated where there is a simulation, of history otherwise. */
  readonly pnl: Float64Array;
  readonly outcomes: 'paths' | 'days of history';
  readonly marks: readonly { readonly name: string; readonly at: number }[];
  readonly data: Readonly<Record<string, unknown>>;
}

export function withTail(command: Command): Command {
  return withPassTime(
    withMonteCarlo(
      command
        .option('--horizon <days>', 'trading days ahead of value at risk', '1')
        .option('--no-monte-carlo', 'leave the simulation out'),
    ),
  );
}

/** Value at risk of a book: historical, filtered, Student-t and simulated, with its parts. */
export async function bookTail(
  loaded: LoadedBook,
  options: TailOptions,
  progress: Progress,
): Promise<Tail> {
  const horizon = wholeFlag('--horizon', options.horizon, [1, HORIZON_MAX]);
  const choice = options.monteCarlo ? monteCarloChoice(options) : undefined;
  const moves = bookMoves(loaded, options);
  const { plain, filtered } = historyOf(loaded.book, { moves, horizon }, progress);
  const run =
    choice === undefined ? undefined : await simulate(moves.simulated(horizon), choice, progress);
  const estimates = estimatesOf(plain.total, filtered.total);
  const components = componentsOf(loaded.book, plain);
  const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
  const { days } = moves;
  return {
    horizon,
    pnl: run?.pnl ?? plain.total,
    outcomes: run === undefined ? 'days of history' : 'paths',
    marks: marksOf(estimates, run),
    conventions: [
      `value at risk over ${horizon} day(s) of ${days.length} (${dateOf(days[0]!)} to ${dateOf(days.at(-1)!)}), losses positive, type 1 quantile, Acerbi-Tasche shortfall; filtered: each underlying by its own GARCH(1,1)-t${horizon === 1 ? '' : ' over 20000 paths of seed 1'}; student-t: fitted to the historical P&L`,
      ...moves.conventions.slice(loaded.conventions.length),
      ...(run === undefined ? [] : simulationConventions(run)),
    ],
    tables: [
      estimateTable(estimates, horizon),
      ...(run === undefined ? [] : simulationTables(run, LEVELS)),
      componentTable(components),
    ],
    data: {
      ...{ horizon, observations: days.length, estimates, components99: components },
      monteCarlo: run === undefined ? null : simulationData(run, LEVELS),
    },
  };
}

function historyOf(
  book: Book,
  { moves, horizon }: { readonly moves: BookMoves; readonly horizon: number },
  progress: Progress,
): { readonly plain: ScenarioPnl; readonly filtered: ScenarioPnl } {
  if (horizon > 1) {
    progress.step('GARCH paths');
    return {
      plain: moves.pnl(moves.over(horizon, 'historical'), horizon),
      filtered: moves.pnl(moves.over(horizon, 'filtered-garch'), horizon),
    };
  }
  const filtered = moves.spots.map((column, i) => {
    progress.bar(`GARCH of ${book.underlyings[i]}`, i, moves.spots.length);
    return filteredScenarios(unwrap(filterByGarch(column, unwrap(stationaryGarch(column)))));
  });
  return { plain: moves.pnl(moves.spots, 1), filtered: moves.pnl(filtered, 1) };
}

interface Estimate extends TailRisk {
  readonly method: string;
  readonly confidence: number;
  readonly varLow?: number;
  readonly varHigh?: number;
}

/** Historical, filtered and Student-t figures of scenario P&L at each level. */
function estimatesOf(plain: Float64Array, filtered: Float64Array): Estimate[] {
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

function estimateTable(estimates: readonly Estimate[], horizon: number): Table {
  return {
    title: `Value at risk, ${horizon} day(s)`,
    columns: ['method', 'confidence', 'VaR', 'ES', 'VaR low', 'VaR high'],
    rows: estimates.map((each): Cell[] => [
      ...[each.method, each.confidence, each.valueAtRisk, each.expectedShortfall],
      ...[each.varLow ?? null, each.varHigh ?? null],
    ]),
  };
}

function marksOf(estimates: readonly Estimate[], run: Simulation | undefined) {
  if (run !== undefined) {
    return simulatedRisks(run, LEVELS).map(({ confidence, valueAtRisk }) => ({
      name: `Monte Carlo VaR ${confidence}`,
      at: -valueAtRisk,
    }));
  }
  return estimates
    .filter(({ method }) => method !== 'student-t')
    .map(({ method, confidence, valueAtRisk }) => ({
      name: `${method} VaR ${confidence}`,
      at: -valueAtRisk,
    }));
}

function componentsOf({ underlyings }: Book, { byUnderlying }: ScenarioPnl) {
  const parts = unwrap(decomposeScenarios(byUnderlying, { confidence: 0.99 }));
  return underlyings.map((underlying, i) => ({
    underlying,
    componentVar: parts.componentVar[i]!,
    componentShortfall: parts.componentShortfall[i]!,
    incrementalVar: parts.incrementalVar[i]!,
  }));
}

function componentTable(components: ReturnType<typeof componentsOf>): Table {
  return {
    title: 'Historical 99 % by underlying; components add up to the whole',
    columns: ['underlying', 'component VaR', 'component ES', 'incremental VaR'],
    rows: components.map((each): Cell[] => [
      each.underlying,
      each.componentVar,
      each.componentShortfall,
      each.incrementalVar,
    ]),
  };
}
