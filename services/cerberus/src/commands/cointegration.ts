import { unwrap } from '@cerberus/core';
import {
  adfTestAutomatic,
  type CriticalValues,
  type EngleGrangerTest,
  engleGranger,
  johansen,
} from '@cerberus/stats';
import type { Command } from 'commander';
import { aligned, readHistory, seriesNamed } from './history.ts';
import { choiceFlag, collected, wholeFlag } from './options.ts';
import { lineChart } from './plot.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';
import type { Cell } from './table.ts';

const LAGS_MAX = [0, 60] as const;
const DETERMINISTIC = ['c', 'ct'] as const;

interface CointegrationOptions extends OutputOptions {
  readonly history: readonly string[];
  readonly y: string;
  readonly x: string;
  readonly lags: string;
  readonly deterministic: string;
  readonly levels?: boolean;
}

export function addCointegrationCommand(program: Command): void {
  const command = program
    .command('cointegration')
    .description('unit roots, Engle-Granger and Johansen tests of two price histories')
    .requiredOption('--history <file>', 'date,underlying,close; or NAME=FILE (repeat)', collected)
    .requiredOption('--y <name>', 'explained series')
    .requiredOption('--x <name>', 'explaining series')
    .option('--lags <n>', 'lagged differences (largest one tried by the unit-root tests)', '1')
    .option('--deterministic <c|ct>', 'constant, or constant and trend', 'c')
    .option('--levels', 'prices instead of their logarithms');
  withOutput(
    withPlot(command, 'the residual'),
    'cerberus cointegration --history MSTR=mstr_ohlcv_daily.csv --history BTC=btc_usd_ohlcv_daily.csv --y MSTR --x BTC',
  ).action(cointegration);
}

function cointegration(options: CointegrationOptions): void {
  const lags = wholeFlag('--lags', options.lags, LAGS_MAX);
  const deterministic = choiceFlag('--deterministic', options.deterministic, DETERMINISTIC);
  const history = readHistory(options.history);
  const pair = [seriesNamed(history, options.y, '--y'), seriesNamed(history, options.x, '--x')];
  const { days, closes } = aligned(pair);
  const [y, x] = closes.map((values) => (options.levels === true ? values : values.map(Math.log)));
  const roots = [y!, x!].map((values) =>
    unwrap(adfTestAutomatic(values, { deterministic, maximumLag: lags, criterion: 'AIC' })),
  );
  const engle = unwrap(engleGranger(y!, x!, { deterministic, lags }));
  const joint = unwrap(johansen([y!, x!], lags));
  const { residuals, ...test } = engle;
  printReport(
    {
      model: 'augmented Dickey-Fuller (lag by AIC), Engle-Granger, Johansen trace test',
      conventions: [
        `${options.levels === true ? 'prices' : 'logarithms of prices'} on the ${days.length} days that both have; deterministic terms ${deterministic}; MacKinnon p-values and critical values`,
        'Engle-Granger and the unit-root tests: small p rejects "no relation" and "unit root"; Johansen: unrestricted constant, MacKinnon-Haug-Michelis values',
      ],
      units: 'statistics; hedge ratio in units of the transformed series',
      inputs: history.inputs,
      tables: [
        {
          columns: ['test', 'statistic', 'p', '1 %', '5 %', '10 %'],
          rows: [
            ...roots.map((root, i): Cell[] => [
              `unit root of ${pair[i]!.name} (${root.lags} lags)`,
              root.statistic,
              root.pValue,
              ...criticals(root.criticalValues),
            ]),
            ['Engle-Granger', test.statistic, test.pValue, ...criticals(test.criticalValues)],
          ],
        },
        {
          columns: ['Johansen', 'trace', '90 %', '95 %', '99 %'],
          rows: joint.criticalValues.map((row, r) => [
            `at most ${r} relation(s)`,
            joint.traceStatistics[r]!,
            ...row.trace,
          ]),
        },
        {
          columns: ['relation', 'value'],
          rows: [
            ['hedge ratio', test.hedgeRatio],
            ['intercept', test.intercept],
            ['residual deviation', test.residualSd],
            ['last residual', residuals.at(-1) ?? null],
            ['relations at 95 % (trace)', joint.traceRank95],
          ],
        },
      ],
      data: { observations: days.length, unitRoots: roots, engleGranger: test, johansen: joint },
    },
    options,
    () => picture(options, days, engle),
  );
}

function picture(
  { y, x }: CointegrationOptions,
  days: Float64Array,
  { residuals, residualSd }: EngleGrangerTest,
): string {
  const points = Array.from(residuals, (e, t) => [days[t]!, e] as const);
  const bands = [-2, 2].map((k) => ({ name: `${k} deviations`, at: k * residualSd }));
  const axes = {
    title: `Residual of ${y} on ${x}`,
    xLabel: 'date',
    yLabel: 'residual',
    isDated: true,
  };
  return lineChart(axes, [{ name: 'residual', points }], bands);
}

function criticals({ onePercent, fivePercent, tenPercent }: CriticalValues): number[] {
  return [onePercent, fivePercent, tenPercent];
}
