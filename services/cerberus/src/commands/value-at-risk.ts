import { ok, type Result, unwrap } from '@cerberus/core';
import {
  estimateError,
  filterByGarch,
  filteredHorizonReturns,
  forecastVar,
  historicalVar,
  overlappingSums,
  stationaryGarch,
  type TailRisk,
  type VarModel,
} from '@cerberus/risk';
import type { Command } from 'commander';
import { readReturns } from './history.ts';
import { faulty } from './input.ts';
import { choiceFlag, numberFlag, numberListFlag, wholeFlag } from './options.ts';
import { histogram } from './plot.ts';
import { Progress } from './progress.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';

/** Every model by its name on the command line. */
export const VAR_MODELS = {
  historical: { kind: 'historical' },
  'age-weighted': { kind: 'age-weighted', decay: 0.98 },
  'filtered-ewma': { kind: 'filtered-ewma', decay: 0.94 },
  'filtered-garch': { kind: 'filtered-garch' },
  normal: { kind: 'normal' },
  'student-t': { kind: 'student-t' },
  'cornish-fisher': { kind: 'cornish-fisher' },
} as const satisfies Record<string, VarModel>;

export type VarModelName = keyof typeof VAR_MODELS;
export const VAR_MODEL_NAMES = Object.keys(VAR_MODELS) as VarModelName[];

const HORIZON_MAX = 60;
const PATHS = 20_000;
const SEED = 1;
const INTERVAL = 0.95;

interface VarOptions extends OutputOptions {
  readonly column?: string;
  readonly confidence: string;
  readonly models?: string;
  readonly horizon: string;
  readonly value?: string;
}

interface Estimate extends Partial<TailRisk> {
  readonly model: VarModelName;
  readonly confidence: number;
  /** Code of the fault for which a model that was not asked for by name gives nothing. */
  readonly refused?: string;
  readonly varLow?: number;
  readonly varHigh?: number;
}

export function addVarCommand(program: Command): void {
  const command = program
    .command('var')
    .description('value at risk and expected shortfall of a series of P&L, returns or prices')
    .argument('<file>', 'CSV or NDJSON in time order, - for standard input')
    .option('--column <name>', 'column (default: pnl, return, close or price, whichever is there)')
    .option('--confidence <list>', 'confidence levels', '0.95,0.99')
    .option('--models <list>', `among ${VAR_MODEL_NAMES.join(', ')} (default: all)`)
    .option('--horizon <days>', 'periods ahead; above 1: historical and filtered-garch', '1')
    .option('--value <amount>', 'currency that returns are applied to');
  withOutput(
    withPlot(command, 'the distribution'),
    'cerberus var btc_usd_ohlcv_daily.csv --value 1000000 --plot var.svg',
  ).action(valueAtRisk);
}

export function modelNames(text: string | undefined, fallback: readonly VarModelName[]) {
  if (text === undefined) return fallback;
  return text.split(',').map((name) => choiceFlag('--models', name.trim(), VAR_MODEL_NAMES));
}

function valueAtRisk(file: string, options: VarOptions): void {
  const series = readReturns(file, options.column);
  const levels = numberListFlag('--confidence', options.confidence);
  const horizon = wholeFlag('--horizon', options.horizon, [1, HORIZON_MAX]);
  const value = options.value === undefined ? 1 : numberFlag('--value', options.value);
  const several: readonly VarModelName[] = ['historical', 'filtered-garch'];
  const names = modelNames(options.models, horizon === 1 ? VAR_MODEL_NAMES : several);
  const progress = new Progress({ silent: false });
  const pnl = series.values.map((x) => x * value);
  const run = { pnl, horizon };
  const estimates = names.flatMap((model, index): Estimate[] => {
    progress.bar('value at risk', index, names.length);
    return levels.map((confidence) => {
      const result = estimate(run, model, confidence);
      if (result.ok) return { model, confidence, ...result.value };
      const isOnly = options.models !== undefined || model === 'historical';
      if (isOnly) throw faulty(result.error);
      return { model, confidence, refused: result.error.code };
    });
  });
  progress.end();
  const isFraction = series.isReturn && options.value === undefined;
  const units = isFraction ? 'fraction of the value held' : 'currency of the P&L';
  printReport(
    {
      model: `value at risk and expected shortfall over ${horizon} period(s)`,
      conventions: [
        `losses positive; ${series.meaning}, ${pnl.length} observations; historical quantile of type 1, Acerbi-Tasche shortfall`,
        'interval: order statistics with at least 95 % coverage; age-weighted decay 0.98, EWMA decay 0.94',
        ...(horizon === 1
          ? []
          : [`several periods: overlapping sums, or ${PATHS} filtered paths of seed ${SEED}`]),
      ],
      units,
      inputs: [series.input],
      tables: [
        {
          columns: ['model', 'confidence', 'VaR', 'ES', 'VaR low', 'VaR high', ''],
          rows: estimates.map((each) => [
            each.model,
            each.confidence,
            each.valueAtRisk ?? null,
            each.expectedShortfall ?? null,
            each.varLow ?? null,
            each.varHigh ?? null,
            each.refused ?? '',
          ]),
        },
      ],
      data: { horizon, observations: pnl.length, estimates },
    },
    options,
    () => picture(run, estimates, units),
  );
}

interface Run {
  readonly pnl: Float64Array;
  readonly horizon: number;
}

type Figures = Omit<Estimate, 'model' | 'confidence'>;

function estimate({ pnl, horizon }: Run, model: VarModelName, confidence: number): Result<Figures> {
  if (horizon > 1) return historicalVar(severalPeriods({ pnl, horizon }, model), { confidence });
  const risk = forecastVar(pnl, VAR_MODELS[model], confidence);
  if (!risk.ok || model !== 'historical') return risk;
  const error = estimateError(pnl, { confidence, level: INTERVAL });
  if (!error.ok) return error;
  const { varLow, varHigh } = error.value;
  return ok({ ...risk.value, varLow, varHigh });
}

function severalPeriods({ pnl, horizon }: Run, model: VarModelName): Float64Array {
  if (model !== 'filtered-garch') {
    choiceFlag('--models', model, ['historical', 'filtered-garch']);
    return unwrap(overlappingSums(pnl, horizon));
  }
  const parameters = unwrap(stationaryGarch(pnl));
  const filtered = unwrap(filterByGarch(pnl, parameters));
  return unwrap(
    filteredHorizonReturns(filtered, { parameters, horizon, paths: PATHS, seed: SEED }),
  );
}

function picture({ pnl, horizon }: Run, estimates: readonly Estimate[], units: string): string {
  const outcomes = horizon === 1 ? pnl : unwrap(overlappingSums(pnl, horizon));
  const marks = estimates
    .filter(({ model }) => model === 'historical' || model === 'filtered-garch')
    .flatMap(({ model, confidence, valueAtRisk: at }) =>
      at === undefined ? [] : [{ name: `${model} VaR ${confidence}`, at: -at }],
    );
  const title = `P&L distribution over ${horizon} period(s)`;
  return histogram({ title, xLabel: `P&L, ${units}`, yLabel: 'observations' }, outcomes, marks);
}
