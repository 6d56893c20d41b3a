import { unwrap } from '@cerberus/core';
import { fitGarch, type GarchFit, garchForecast, ljungBox } from '@cerberus/stats';
import type { Command } from 'commander';
import { type ReturnSeries, readReturns } from './history.ts';
import { choiceFlag, numberFlag, wholeFlag } from './options.ts';
import { lineChart } from './plot.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';
import type { Cell } from './table.ts';

const DISTRIBUTIONS = ['normal', 'student-t'] as const;
const INITIALISATIONS = ['presample', 'sample', 'unconditional'] as const;
const HORIZONS = [1, 5, 10, 21];
const LAGS = 10;

interface GarchOptions extends OutputOptions {
  readonly column?: string;
  readonly distribution: string;
  readonly initialisation: string;
  readonly periodsPerYear: string;
  readonly horizon?: string;
}

export function addGarchCommand(program: Command): void {
  const command = program
    .command('garch')
    .description('fit a GARCH(1,1) by maximum likelihood and forecast volatility')
    .argument('<file>', 'CSV or NDJSON of returns or prices in time order')
    .option('--column <name>', 'column (default: pnl, return, close or price, whichever is there)')
    .option('--distribution <normal|student-t>', 'law of the errors', 'student-t')
    .option('--initialisation <rule>', `first variance: ${INITIALISATIONS.join(', ')}`, 'presample')
    .option('--periods-per-year <n>', 'to annualise volatility', '365')
    .option('--horizon <n>', 'a further horizon to forecast');
  withOutput(
    withPlot(command, 'the volatility'),
    'cerberus garch spy_ohlcv_daily.csv --periods-per-year 252 --plot volatility.svg',
  ).action(garch);
}

function garch(file: string, options: GarchOptions): void {
  const series = readReturns(file, options.column);
  const distribution = choiceFlag('--distribution', options.distribution, DISTRIBUTIONS);
  const initialisation = choiceFlag('--initialisation', options.initialisation, INITIALISATIONS);
  const periods = numberFlag('--periods-per-year', options.periodsPerYear);
  const further =
    options.horizon === undefined ? [] : [wholeFlag('--horizon', options.horizon, [1, 10_000])];
  const fit = unwrap(fitGarch(series.values, { distribution, initialisation }));
  const annual = (variance: number): number => Math.sqrt(variance * periods);
  const forecasts = [...new Set([...HORIZONS, ...further])].map((horizon) => ({
    horizon,
    volatility: annual(unwrap(garchForecast(fit.parameters, fit.next, horizon))),
  }));
  const squares = fit.standardisedResiduals.map((z) => z * z);
  const remaining = unwrap(ljungBox(squares, LAGS));
  printReport(
    {
      model: `GARCH(1,1) with ${distribution} errors, maximum likelihood (${initialisation} first variance)`,
      conventions: [
        `${series.meaning}, ${series.values.length} observations; hₜ₊₁ = ω + α eₜ² + β hₜ`,
        `volatilities annualised by √${periods}; standard errors from the Hessian`,
      ],
      units: 'parameters per period; volatility per √year, 0.2 = 20 %',
      inputs: [series.input],
      tables: [
        { columns: ['parameter', 'estimate', 'standard error'], rows: parameterRows(fit) },
        {
          columns: ['measure', 'value'],
          rows: [
            ['log-likelihood', fit.logLikelihood],
            ['persistence α + β', fit.persistence],
            ['half-life, periods', fit.halfLifePeriods ?? null],
            ['long-run volatility', longRun(fit, annual)],
            [`Ljung-Box p of squared residuals, ${LAGS} lags`, remaining.pValue],
            ...forecasts.map(({ horizon, volatility }): Cell[] => [
              `forecast volatility, period ${horizon}`,
              volatility,
            ]),
          ],
        },
      ],
      data: {
        parameters: fit.parameters,
        standardErrors: fit.standardErrors ?? null,
        logLikelihood: fit.logLikelihood,
        persistence: fit.persistence,
        halfLifePeriods: fit.halfLifePeriods ?? null,
        longRunVolatility: longRun(fit, annual),
        ljungBoxSquaredResiduals: remaining,
        forecasts,
      },
    },
    options,
    () => picture(series, fit, annual),
  );
}

function parameterRows({ parameters, standardErrors }: GarchFit): Cell[][] {
  const names: [string, number | undefined][] = [
    ['μ', parameters.mu],
    ['ω', parameters.omega],
    ['α', parameters.alpha],
    ['β', parameters.beta],
    ['ν', parameters.nu],
  ];
  return names.flatMap(([name, value], index) =>
    value === undefined ? [] : [[name, value, standardErrors?.hessian[index] ?? null]],
  );
}

function longRun(fit: GarchFit, annual: (variance: number) => number): number | null {
  return fit.unconditionalVariance === undefined ? null : annual(fit.unconditionalVariance);
}

function picture(
  series: ReturnSeries,
  fit: GarchFit,
  annual: (variance: number) => number,
): string {
  const points = Array.from(
    fit.variances,
    (variance, t) => [series.days?.[t] ?? t, annual(variance)] as const,
  );
  const axes = {
    title: 'Conditional volatility',
    xLabel: series.days === undefined ? 'period' : 'date',
    yLabel: 'volatility per √year',
    isDated: series.days !== undefined,
  };
  return lineChart(axes, [{ name: 'GARCH(1,1)', points }]);
}
