import { faultOf } from '@cerberus/core';
import { FACTOR_EFFECTS, type FactorLoading, type FactorSplit } from '@cerberus/risk';
import { onesColumn, regress } from '@cerberus/stats';
import { CLI_ERRORS } from './errors.ts';
import {
  aligned,
  type History,
  logReturns,
  readHistory,
  requireColumns,
  seriesNamed,
} from './history.ts';
import { faulty, type InputHash, type Row, readRows } from './input.ts';
import { numberFlag, pairsFlag } from './options.ts';
import type { Cell, Table } from './table.ts';

/** Fewest common returns for a beta of several factors. */
const RETURNS_MIN = 60;

export interface FactorOptions {
  readonly factor?: readonly string[];
  readonly betas?: string;
  readonly history?: readonly string[];
}

/** The factors of a run: what they did, and how an underlying follows them. */
export interface Factors {
  readonly moves: ReadonlyMap<string, number>;
  readonly inputs: readonly InputHash[];
  readonly convention: string;
  /** One loading per factor. */
  loadingsOf(underlying: string, row: Row): FactorLoading[];
}

/** The factors given, or undefined where none is. */
export function factorsOf(options: FactorOptions): Factors | undefined {
  const { factor = [], betas, history } = options;
  if (factor.length === 0) {
    const flag = betas !== undefined ? '--betas' : history !== undefined ? '--history' : undefined;
    if (flag !== undefined) refuse(flag, '--factor NAME=return, whose betas these are');
    return undefined;
  }
  if (betas !== undefined && history !== undefined) refuse('--betas', 'either this or --history');
  const moves = new Map<string, number>();
  for (const [name, text] of pairsFlag('--factor', factor)) {
    const move = numberFlag(`--factor ${name}`, text);
    if (move <= -1) refuse(`--factor ${name}`, 'a simple return above -1', text);
    moves.set(name, move);
  }
  const read = betas === undefined ? undefined : readBetas(betas, moves);
  const past = history === undefined ? undefined : readHistory(history);
  const known = new Map<string, readonly number[]>();
  const loadingsOf = (underlying: string, row: Row): FactorLoading[] => {
    const own =
      known.get(underlying) ??
      itself(underlying, moves) ??
      read?.betas.get(underlying) ??
      (past === undefined ? undefined : regressed(past, underlying, [...moves.keys()]));
    if (own === undefined) throw missing(underlying, row);
    known.set(underlying, own);
    return [...moves].map(([name, move], i) => ({ name, beta: own[i]!, move }));
  };
  return {
    moves,
    loadingsOf,
    inputs: [...(read === undefined ? [] : [read.input]), ...(past?.inputs ?? [])],
    convention: `factors ${[...moves].map(([name, move]) => `${name} ${(100 * move).toFixed(2)}%`).join(', ')}; betas ${read !== undefined ? 'as given' : past !== undefined ? 'by joint regression of log returns' : 'of a factor to itself'}; basis: linear P&L of the underlying beside its factors; cross: vanna, charm, veta, zomma, color`,
  };
}

function refuse(path: string, expected: string, received?: string): never {
  const where = { path, expected, ...(received === undefined ? {} : { received }) };
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, where));
}

function missing(underlying: string, row: Row) {
  return faulty(
    faultOf(CLI_ERRORS.INPUT_MISSING, {
      path: row.path('underlying'),
      expected: `betas of ${underlying}: --betas or --history`,
    }),
  );
}

/** An underlying that is a factor follows itself alone. */
function itself(underlying: string, moves: ReadonlyMap<string, number>): number[] | undefined {
  if (!moves.has(underlying)) return undefined;
  return [...moves.keys()].map((name) => (name === underlying ? 1 : 0));
}

function readBetas(path: string, moves: ReadonlyMap<string, number>) {
  const read = readRows(path);
  requireColumns(read, ['underlying', 'factor', 'beta']);
  const names = [...moves.keys()];
  const betas = new Map<string, number[]>();
  for (const row of read.rows) {
    const factor = row.choice(
      'factor',
      names.map((name) => name.toLowerCase()),
    );
    const underlying = row.required('underlying');
    const own = betas.get(underlying) ?? names.map(() => 0);
    own[names.findIndex((name) => name.toLowerCase() === factor)] = row.number('beta');
    betas.set(underlying, own);
  }
  const input: InputHash = read;
  return { betas, input };
}

/** Slopes of the log returns of an underlying on those of all factors together, with a constant. */
function regressed(history: History, underlying: string, names: readonly string[]): number[] {
  const series = [underlying, ...names].map((name) => seriesNamed(history, name, '--history'));
  const [target, ...factors] = aligned(series).closes.map(logReturns);
  if (target!.length < RETURNS_MIN) {
    const expected = `at least ${RETURNS_MIN} common returns with ${names.join(', ')}`;
    const where = { path: `history of ${underlying}`, expected, received: `${target!.length}` };
    throw faulty(faultOf(CLI_ERRORS.INPUT_INVALID, where));
  }
  const fit = regress([onesColumn(target!.length), ...factors], target!);
  if (!fit.ok) throw faulty({ ...fit.error, path: `history of ${underlying}` });
  return Array.from(fit.value.coefficients).slice(1);
}

export interface NamedSplit {
  readonly id: string;
  readonly split: FactorSplit;
}

/** One column a position; the rows above the last add up to it. */
export function factorTable(splits: readonly NamedSplit[], factors: Factors): Table {
  const row = (name: string, pick: (split: FactorSplit) => number): Cell[] => [
    name,
    ...splits.map(({ split }) => pick(split)),
    splits.reduce((sum, { split }) => sum + pick(split), 0),
  ];
  return {
    title: 'By factor',
    columns: ['P&L', ...splits.map(({ id }) => id), 'total'],
    rows: [
      ...[...factors.moves.keys()].map((name) => row(name, ({ byFactor }) => byFactor[name]!)),
      row('basis', ({ basis }) => basis),
      ...EFFECTS.map((effect) => row(effect, ({ effects }) => effects[effect])),
      row('costs', ({ costs }) => costs),
      row('unexplained', ({ unexplained }) => unexplained),
      row('actual', ({ actual }) => actual),
    ],
  };
}

const EFFECTS = Object.keys(FACTOR_EFFECTS) as (keyof typeof FACTOR_EFFECTS)[];
