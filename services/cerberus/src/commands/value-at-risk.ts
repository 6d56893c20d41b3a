import { ok, type Result } from '@cerberus/core';
import {
  estimateError,
  forecastVar,
  historicalVar,
  type TailRisk,
  type VarModel,
} from '@cerberus/risk';
import type { Command } from 'commander';
import { faulty } from './input.ts';
import {
  simulate,
  simulatedRisks,
  simulationConventions,
  simulationData,
  simulationTables,
} from './monte-carlo.ts';
import { type MonteCarloOptions, monteCarloChoice, withMonteCarlo } from './monte-carlo-options.ts';
import { choiceFlag, numberListFlag, wholeFlag } from './options.ts';
import { histogram } from './plot.ts';
import { Progress } from './progress.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';
import {
  FILTERED_CONVENTION,
  readSource,
  type SourceOptions,
  type VarSource,
  withPassTime,
  withSource,
} from './var-source.ts';

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
const SEVERAL_PERIODS = ['historical', 'filtered-garch'] as const;
const METHODS = ['history', 'monte-carlo'] as const;

export const HORIZON_MAX = 60;
const INTERVAL = 0.95;

interface VarOptions extends SourceOptions, MonteCarloOptions, OutputOptions {
  readonly confidence: string;
  readonly method: string;
  readonly models?: string;
  readonly horizon: string;
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
  const command = withSource(
    program
      .command('var')
      .description(
        'value at risk and expected shortfall of a series, or of a book and its history',
      ),
  )
    .option('--confidence <list>', 'confidence levels', '0.95,0.99')
    .option('--method <name>', 'history (the models below) or monte-carlo', 'history')
    .option('--models <list>', `among ${VAR_MODEL_NAMES.join(', ')} (default: all)`)
    .option('--horizon <days>', 'periods ahead; above 1: historical and filtered-garch', '1')
    .option('--value <amount>', 'currency that returns are applied to');
  withOutput(
    withPlot(withPassTime(withMonteCarlo(command)), 'the distribution'),
    'cerberus var btc_usd_ohlcv_daily.csv --value 1000000 --plot var.svg\n  cerberus var --method monte-carlo --law t-copula --positions book.csv --history BTC=btc_usd_ohlcv_daily.csv',
  ).action(valueAtRisk);
}

export function modelNames(text: string | undefined, fallback: readonly VarModelName[]) {
  if (text === undefined) return fallback;
  return text.split(',').map((name) => choiceFlag('--models', name.trim(), VAR_MODEL_NAMES));
}

async function valueAtRisk(file: string | undefined, options: VarOptions): Promise<void> {
  const method = choiceFlag('--method', options.method, METHODS);
  const levels = numberListFlag('--confidence', options.confidence);
  const horizon = wholeFlag('--horizon', options.horizon, [1, HORIZON_MAX]);
  const source = readSource(file, options);
  if (method === 'history') printHistory(source, { horizon, levels, options });
  else await printMonteCarlo(source, { horizon, levels, options });
}

interface Asked {
  readonly horizon: number;
  readonly levels: readonly number[];
  readonly options: VarOptions;
}

function printHistory(source: VarSource, { horizon, levels, options }: Asked): void {
  const names = modelNames(options.models, horizon === 1 ? VAR_MODEL_NAMES : SEVERAL_PERIODS);
  const progress = new Progress({ silent: false });
  const outcomes = new Map<VarModelName, Float64Array>();
  const estimates = names.flatMap((model, index): Estimate[] => {
    progress.bar('value at risk', index, names.length);
    if (horizon > 1) {
      outcomes.set(model, source.over(horizon, choiceFlag('--models', model, SEVERAL_PERIODS)));
    }
    return levels.map((confidence) => {
      const result = estimate(outcomes.get(model) ?? source.pnl, { model, horizon, confidence });
      if (result.ok) return { model, confidence, ...result.value };
      const isOnly = options.models !== undefined || model === 'historical';
      if (isOnly) throw faulty(result.error);
      return { model, confidence, refused: result.error.code };
    });
  });
  progress.end();
  printReport(
    {
      model: `value at risk and expected shortfall over ${horizon} period(s)`,
      conventions: [
        `losses positive; ${source.meaning}, ${source.pnl.length} observations; historical quantile of type 1, Acerbi-Tasche shortfall`,
        'interval: order statistics with at least 95 % coverage; age-weighted decay 0.98, EWMA decay 0.94',
        ...source.conventions,
        ...(horizon === 1 ? [] : [FILTERED_CONVENTION]),
      ],
      units: source.units,
      inputs: source.inputs,
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
      data: { horizon, observations: source.pnl.length, estimates },
    },
    options,
    () =>
      picture(outcomes.get('historical') ?? source.pnl, {
        ...{ horizon, units: source.units, yLabel: 'observations' },
        marks: marksOf(estimates),
      }),
  );
}

async function printMonteCarlo(
  source: VarSource,
  { horizon, levels, options }: Asked,
): Promise<void> {
  const choice = monteCarloChoice(options);
  const progress = new Progress({ silent: !process.stderr.isTTY });
  const run = await simulate(source.simulated(horizon), choice, progress);
  progress.end();
  const marks = simulatedRisks(run, levels).map(({ confidence, valueAtRisk: at }) => ({
    name: `VaR ${confidence}`,
    at: -at,
  }));
  printReport(
    {
      model: `Monte Carlo value at risk and expected shortfall over ${horizon} period(s)`,
      conventions: [
        ...simulationConventions(run),
        `losses positive; law estimated from ${source.pnl.length} observations: ${source.meaning}`,
        ...source.conventions,
      ],
      units: source.units,
      inputs: source.inputs,
      tables: simulationTables(run, levels),
      data: { horizon, observations: source.pnl.length, monteCarlo: simulationData(run, levels) },
    },
    options,
    () => picture(run.pnl, { horizon, units: source.units, yLabel: 'paths', marks }),
  );
}

type Figures = Omit<Estimate, 'model' | 'confidence'>;

function estimate(
  pnl: Float64Array,
  {
    model,
    horizon,
    confidence,
  }: { readonly model: VarModelName; readonly horizon: number; readonly confidence: number },
): Result<Figures> {
  if (horizon > 1) return historicalVar(pnl, { confidence });
  const risk = forecastVar(pnl, VAR_MODELS[model], confidence);
  if (!risk.ok || model !== 'historical') return risk;
  const error = estimateError(pnl, { confidence, level: INTERVAL });
  if (!error.ok) return error;
  const { varLow, varHigh } = error.value;
  return ok({ ...risk.value, varLow, varHigh });
}

interface Mark {
  readonly name: string;
  readonly at: number;
}

function marksOf(estimates: readonly Estimate[]): Mark[] {
  return estimates
    .filter(({ model }) => model === 'historical' || model === 'filtered-garch')
    .flatMap(({ model, confidence, valueAtRisk: at }) =>
      at === undefined ? [] : [{ name: `${model} VaR ${confidence}`, at: -at }],
    );
}

function picture(
  outcomes: Float64Array,
  {
    horizon,
    units,
    yLabel,
    marks,
  }: {
    readonly horizon: number;
    readonly units: string;
    readonly yLabel: string;
    readonly marks: readonly Mark[];
  },
): string {
  const title = `P&L distribution over ${horizon} period(s)`;
  return histogram({ title, xLabel: `P&L, ${units}`, yLabel }, outcomes, marks);
}
