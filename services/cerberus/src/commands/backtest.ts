import { unwrap } from '@cerberus/core';
import { type RollingBacktest, rollingBacktest } from '@cerberus/risk';
import type { Command } from 'commander';
import { numberFlag, wholeFlag } from './options.ts';
import { lineChart } from './plot.ts';
import { Progress } from './progress.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';
import { modelNames, VAR_MODELS, type VarModelName } from './value-at-risk.ts';
import { readSource, type SourceOptions, type VarSource, withSource } from './var-source.ts';

const WINDOWS = [30, 10_000] as const;
const REFITS = [1, 10_000] as const;
const MODELS: readonly VarModelName[] = ['historical', 'filtered-garch', 'student-t'];

interface BacktestOptions extends SourceOptions, OutputOptions {
  readonly confidence: string;
  readonly window: string;
  readonly refitEvery: string;
  readonly models?: string;
}

export function addBacktestCommand(program: Command): void {
  const command = withSource(
    program
      .command('backtest-var')
      .description('out-of-sample backtest of value at risk: Kupiec, Christoffersen, Basel, ES'),
  )
    .option('--confidence <c>', 'confidence', '0.99')
    .option('--window <n>', 'observations that each forecast sees', '500')
    .option('--refit-every <n>', 'forecasts between two GARCH estimations', '20')
    .option('--models <list>', `models (default: ${MODELS.join(', ')})`);
  withOutput(
    withPlot(command, 'returns and forecasts'),
    'cerberus backtest-var btc_usd_ohlcv_daily.csv --confidence 0.99 --plot backtest.svg\n  cerberus backtest-var --positions book.csv --history BTC=btc_usd_ohlcv_daily.csv',
  ).action(backtest);
}

interface Tested extends RollingBacktest {
  readonly model: VarModelName;
}

function backtest(file: string | undefined, options: BacktestOptions): void {
  const series = readSource(file, options);
  const confidence = numberFlag('--confidence', options.confidence);
  const window = wholeFlag('--window', options.window, WINDOWS);
  const refitEvery = wholeFlag('--refit-every', options.refitEvery, REFITS);
  const names = modelNames(options.models, MODELS);
  const progress = new Progress({ silent: false });
  const tests = names.map((model, index): Tested => {
    progress.bar(`backtest ${model}`, index, names.length);
    const settings = { model: VAR_MODELS[model], confidence, window, refitEvery };
    return { model, ...unwrap(rollingBacktest(series.pnl, settings)) };
  });
  progress.end();
  printReport(
    {
      model: `rolling one-period forecasts from the ${window} observations before; GARCH re-estimated every ${refitEvery}`,
      conventions: [
        `losses positive; ${series.meaning}; an exception is a loss beyond the forecast`,
        'Kupiec: unconditional coverage; Christoffersen: independence and conditional coverage; Basel light over the last 250; Z₂ of Acerbi and Szekely, below −0.7 rejects the shortfall at 5 %',
        ...series.conventions,
      ],
      units: 'p-values; counts of periods',
      inputs: series.inputs,
      tables: [{ columns: COLUMNS, rows: tests.map((test) => rowOf(test, confidence)) }],
      data: { confidence, window, refitEvery, backtests: tests.map(dataOf) },
    },
    options,
    () => picture(series, tests, window),
  );
}

const COLUMNS = [
  'model',
  'forecasts',
  'exceptions',
  'expected',
  'Kupiec p',
  'independence p',
  'conditional p',
  'Basel',
  'Z₂',
];

function rowOf(test: Tested, confidence: number): (string | number)[] {
  const { model, hits, kupiec, christoffersen, trafficLight, shortfall } = test;
  return [
    model,
    hits.length,
    hits.filter(Boolean).length,
    Number((hits.length * (1 - confidence)).toFixed(1)),
    Number(kupiec.pValue.toPrecision(4)),
    Number(christoffersen.independence.pValue.toPrecision(4)),
    Number(christoffersen.conditional.pValue.toPrecision(4)),
    trafficLight.zone,
    Number(shortfall.z2.toPrecision(4)),
  ];
}

function dataOf({ model, hits, firstRow, ...test }: Tested): Record<string, unknown> {
  const { kupiec, christoffersen, trafficLight, shortfall, valueAtRisk } = test;
  return {
    model,
    forecasts: hits.length,
    exceptions: hits.filter(Boolean).length,
    firstForecastRow: firstRow,
    kupiec,
    christoffersen,
    trafficLight,
    shortfall,
    lastValueAtRisk: valueAtRisk.at(-1),
  };
}

function picture(series: VarSource, tests: readonly Tested[], window: number): string {
  const at = (t: number): number => series.days?.[window + t] ?? window + t;
  const actual = Array.from(series.pnl.slice(window), (value, t) => [at(t), value] as const);
  const forecasts = tests.map(({ model, valueAtRisk }) => ({
    name: `−VaR ${model}`,
    points: Array.from(valueAtRisk, (value, t) => [at(t), -value] as const),
  }));
  const axes = {
    title: 'P&L against forecast value at risk',
    xLabel: series.days === undefined ? 'period' : 'date',
    yLabel: 'P&L',
    isDated: series.days !== undefined,
  };
  return lineChart(axes, [{ name: 'P&L', points: actual }, ...forecasts]);
}
