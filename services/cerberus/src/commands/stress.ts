import { faultOf, unwrap } from '@cerberus/core';
import {
  type GridPoint,
  runStress,
  STRESS_SCENARIOS,
  type StressResult,
  type StressScenario,
  stressGrid,
  worstCase,
} from '@cerberus/risk';
import type { Command } from 'commander';
import type { Book } from './book.ts';
import { type BookOptions, type LoadedBook, loadBook, withBook } from './book-options.ts';
import { CLI_ERRORS } from './errors.ts';
import { aligned, type History, logReturns } from './history.ts';
import { faulty, readRows } from './input.ts';
import { boundedListFlag, choiceFlag, collected, numberListFlag } from './options.ts';
import { printReport, withOutput } from './report.ts';
import type { Cell, Table } from './table.ts';

/** Factors that a scenario without an underlying's own move is followed by, in this order. */
const DRIVERS = ['BTC', 'SPY'];
const VOLATILITY_FACTOR = 'VIX';
/** Fewest common returns for a beta. */
const BETA_RETURNS_MIN = 60;

interface StressOptions extends BookOptions {
  readonly scenario?: readonly string[];
  readonly scenarios?: string;
  readonly grid?: boolean;
  readonly gridSpot: string;
  readonly gridVolatility: string;
  readonly gridDays: string;
}

export function addStressCommand(program: Command): void {
  const command = program
    .command('stress')
    .description('revalue a book under historical and supposed scenarios, or over a grid');
  withOutput(
    withBook(command)
      .option('--scenario <id>', 'only this scenario (repeat); of the built-in ones', collected)
      .option('--scenarios <file>', 'own scenarios: columns id, factor, move (VIX as a difference)')
      .option('--grid', 'spot × volatility × days grid as well')
      .option('--grid-spot <list>', 'moves of every spot', '-0.3,-0.2,-0.1,0,0.1,0.2,0.3')
      .option('--grid-volatility <list>', 'differences of every volatility', '-0.1,0,0.1,0.2')
      .option('--grid-days <list>', 'days forward', '0'),
    'cerberus stress --positions book.csv --price BTC=60000 --price ETH=2500 --grid',
  ).action(stress);
}

function stress(options: StressOptions): void {
  const loaded = loadBook(options);
  const own = options.scenarios === undefined ? undefined : readScenarios(options.scenarios);
  const run = stressBook(loaded, chosen(own?.scenarios ?? STRESS_SCENARIOS, options.scenario));
  const grid = options.grid === true ? gridOf(loaded.book, options) : undefined;
  printReport(
    {
      model: 'full revaluation under each scenario',
      conventions: [...loaded.conventions, ...STRESS_CONVENTIONS],
      units: 'P&L in the currency of the account',
      inputs: [...loaded.inputs, ...(own === undefined ? [] : [own])],
      tables: [
        run.table,
        ...(run.recommendations.length === 0
          ? []
          : [{ columns: ['what would help'], rows: run.recommendations.map((text) => [text]) }]),
        ...(grid === undefined ? [] : grid.tables),
      ],
      data: {
        scenarios: run.results,
        worst: run.worst,
        recommendations: run.recommendations,
        ...(grid === undefined ? {} : { grid: grid.values }),
      },
    },
    options,
  );
}

export const STRESS_CONVENTIONS = [
  'price moves are simple returns; a VIX move is added to the volatility of every option; an underlying without a move of its own follows BTC, else SPY, by its beta of log returns where the history has both (marked ~), else it stays and is listed',
];

export interface BookStress {
  readonly results: readonly StressResult[];
  readonly worst: StressResult;
  readonly recommendations: readonly string[];
  readonly table: Table;
}

export function stressBook(
  { book, history }: LoadedBook,
  scenarios: readonly StressScenario[],
): BookStress {
  const factors = [...book.underlyings];
  const value = (moves: Float64Array, scenario: StressScenario): number =>
    book.pnl({
      spotFactors: moves.map((move) => 1 + move),
      volatility: scenario.moves[VOLATILITY_FACTOR] ?? 0,
    });
  const betas = history === undefined ? [] : betasOf(history, factors);
  const followed = scenarios.map((scenario) => followedBy(scenario, betas));
  const complete = followed.map((each) => each.scenario);
  const results = unwrap(runStress({ scenarios: complete, factors, value }));
  const inputs = { results, scenarios: complete, factors, value };
  const { worst, recommendations } = unwrap(worstCase(inputs));
  const rows = results.map((result, index): Cell[] => [
    result.id,
    result.pnl,
    movesText(result, followed[index]!.byBeta),
    result.missing.join(' ') || null,
  ]);
  const table = { columns: ['scenario', 'P&L', 'moves', 'not moved'], rows };
  const told = results.map((result, index) => ({ ...result, byBeta: followed[index]!.byBeta }));
  return { results: told, worst, recommendations, table };
}

function movesText({ applied }: StressResult, byBeta: readonly string[]): string {
  return Object.entries(applied)
    .map(([name, move]) => `${name} ${byBeta.includes(name) ? '~' : ''}${(100 * move).toFixed(1)}%`)
    .join(', ');
}

interface Beta {
  readonly factor: string;
  readonly driver: string;
  readonly beta: number;
}

/** Betas of log returns of the underlyings to the drivers over their common days. */
function betasOf(history: History, factors: readonly string[]): Beta[] {
  return DRIVERS.flatMap((driver) =>
    factors.flatMap((factor): Beta[] => {
      const [own, other] = [history.series.get(factor), history.series.get(driver)];
      if (factor === driver || own === undefined || other === undefined) return [];
      const [y, x] = aligned([own, other]).closes.map(logReturns);
      return x!.length < BETA_RETURNS_MIN ? [] : [{ factor, driver, beta: betaOf(y!, x!) }];
    }),
  );
}

/** The scenario with moves by beta, on logarithms so that no price falls below zero. */
function followedBy(scenario: StressScenario, betas: readonly Beta[]) {
  const moves: Record<string, number> = { ...scenario.moves };
  for (const [name, move] of Object.entries(moves)) {
    if (move > -1 || name === VOLATILITY_FACTOR) continue;
    const path = `scenario ${scenario.id}, ${name}`;
    const expected = 'a simple return above -1';
    throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, { path, expected, received: String(move) }));
  }
  const byBeta: string[] = [];
  for (const { factor, driver, beta } of betas) {
    const of = scenario.moves[driver];
    if (moves[factor] !== undefined || of === undefined) continue;
    moves[factor] = Math.expm1(beta * Math.log1p(of));
    byBeta.push(factor);
  }
  return { scenario: { ...scenario, moves }, byBeta };
}

/** Covariance over variance. */
export function betaOf(y: Float64Array, x: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [my, mx] = [mean(y), mean(x)];
  const cross = x.reduce((sum, v, t) => sum + (v - mx) * (y[t]! - my), 0);
  return cross / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
}

function chosen(
  scenarios: readonly StressScenario[],
  ids: readonly string[] | undefined,
): readonly StressScenario[] {
  if (ids === undefined) return scenarios;
  const known = scenarios.map(({ id }) => id);
  return ids.map((id) => scenarios[known.indexOf(choiceFlag('--scenario', id, known))]!);
}

function readScenarios(path: string) {
  const read = readRows(path);
  const moves = new Map<string, Record<string, number>>();
  for (const row of read.rows) {
    const id = row.required('id');
    const own = moves.get(id) ?? {};
    moves.set(id, own);
    own[row.required('factor')] = row.number('move');
  }
  const scenarios = [...moves].map(
    ([id, each]): StressScenario => ({
      ...{ id, title: id, kind: 'hypothetical', source: read.source },
      moves: each,
    }),
  );
  return { source: read.source, sha256: read.sha256, scenarios };
}

function gridOf(book: Book, options: StressOptions) {
  const axes = {
    spot: boundedListFlag('--grid-spot', options.gridSpot, { low: -1, isOpen: true }),
    volatility: numberListFlag('--grid-volatility', options.gridVolatility),
    correlation: [0],
    daysForward: boundedListFlag('--grid-days', options.gridDays, { low: 0, isOpen: false }),
  };
  const at = ({ spot, volatility, daysForward }: GridPoint): number => {
    const spotFactors = new Float64Array(book.underlyings.length).fill(1 + spot);
    return book.pnl({ spotFactors, volatility, daysForward });
  };
  const values = unwrap(stressGrid(axes, at));
  const tables = axes.daysForward.map((days, d): Table => {
    const pnlAt = (s: number, v: number): number =>
      values.pnl[(s * axes.volatility.length + v) * axes.daysForward.length + d]!;
    return {
      columns: [`spot, ${days} days on`, ...axes.volatility.map((v) => `vol ${signed(v)}`)],
      rows: axes.spot.map((spot, s) => [
        signed(spot),
        ...axes.volatility.map((_, v) => pnlAt(s, v)),
      ]),
    };
  });
  return { values, tables };
}

function signed(move: number): string {
  return `${move > 0 ? '+' : ''}${Number((100 * move).toFixed(4))}%`;
}
