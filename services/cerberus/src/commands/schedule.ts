import {
  efficientFrontier,
  immediateSchedule,
  liquidityAdjustedVar,
  optimalSchedule,
  type Schedule,
  type ScheduleInputs,
} from '@cerberus/algos';
import { unwrap } from '@cerberus/core';
import type { Command } from 'commander';
import { hashOf } from './input.ts';
import { numberFlag, wholeFlag } from './options.ts';
import { lineChart } from './plot.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';

const PERIODS = [1, 100_000] as const;
const FRONTIER_POINTS = 9;
/** The frontier runs over this many powers of ten about the risk aversion asked for. */
const FRONTIER_DECADES = 4;
const CONFIDENCE = 0.95;

interface ScheduleOptions extends OutputOptions {
  readonly shares: string;
  readonly horizon: string;
  readonly periods: string;
  readonly volatility: string;
  readonly fixedCost: string;
  readonly permanent: string;
  readonly temporary: string;
  readonly riskAversion: string;
  readonly drift: string;
}

export function addScheduleCommand(program: Command): void {
  const command = program
    .command('schedule')
    .description('optimal liquidation schedule of Almgren and Chriss with its cost and risk')
    .requiredOption('--shares <n>', 'to sell; negative to buy')
    .requiredOption('--horizon <t>', 'time to complete, e.g. days')
    .option('--periods <n>', 'trading intervals', '10')
    .requiredOption('--volatility <s>', 'absolute: currency per share per √time')
    .option('--fixed-cost <e>', 'per share traded, e.g. half the spread', '0')
    .option('--permanent <gamma>', 'permanent impact, currency per share²', '0')
    .requiredOption('--temporary <eta>', 'temporary impact, (currency/share) per (share/time)')
    .option('--risk-aversion <lambda>', 'per currency; 0 is cost only', '0')
    .option('--drift <alpha>', 'expected drift, currency per share per time', '0');
  withOutput(
    withPlot(command, 'the trajectory'),
    'cerberus schedule --shares 1000000 --horizon 5 --periods 5 --volatility 0.95 --fixed-cost 0.0625 --permanent 2.5e-7 --temporary 2.5e-6 --risk-aversion 1e-6',
  ).action(schedule);
}

function schedule(options: ScheduleOptions): void {
  const inputs: ScheduleInputs = {
    shares: numberFlag('--shares', options.shares),
    horizon: numberFlag('--horizon', options.horizon),
    periods: wholeFlag('--periods', options.periods, PERIODS),
    volatility: numberFlag('--volatility', options.volatility),
    fixedCost: numberFlag('--fixed-cost', options.fixedCost),
    permanentImpact: numberFlag('--permanent', options.permanent),
    temporaryImpact: numberFlag('--temporary', options.temporary),
    riskAversion: numberFlag('--risk-aversion', options.riskAversion),
    drift: numberFlag('--drift', options.drift),
  };
  const optimal = unwrap(optimalSchedule(inputs));
  const immediate = unwrap(immediateSchedule(inputs));
  const frontier =
    inputs.riskAversion > 0 ? unwrap(efficientFrontier(inputs, lambdas(inputs))) : [];
  const costAtRisk = unwrap(liquidityAdjustedVar(optimal, CONFIDENCE));
  printReport(
    {
      model: 'Almgren and Chriss (2000), linear permanent and temporary impact',
      conventions: [
        'costs positive; volatility absolute, not a percentage; every time in the unit of the horizon',
      ],
      units: 'shares; currency of the price',
      inputs: [{ source: 'command line', sha256: hashOf(JSON.stringify(inputs)) }],
      tables: [
        {
          columns: ['period', 'until', 'trade', 'holding after'],
          rows: Array.from(optimal.trades, (trade, k) => [
            k + 1,
            (k + 1) * optimal.periodLength,
            trade,
            optimal.holdings[k + 1]!,
          ]),
        },
        {
          columns: ['measure', 'optimal', 'immediate'],
          rows: [
            ['expected cost', optimal.expectedCost, immediate.expectedCost],
            ['standard deviation', optimal.sd, Math.sqrt(immediate.variance)],
            ['cost at 95 % confidence', costAtRisk, null],
            ['urgency κ', optimal.urgency, null],
          ],
        },
        ...(frontier.length === 0
          ? []
          : [
              {
                columns: ['risk aversion', 'expected cost', 'standard deviation'],
                rows: frontier.map((point) => [point.riskAversion, point.expectedCost, point.sd]),
              },
            ]),
      ],
      data: { inputs, schedule: optimal, immediate, costAtRisk95: costAtRisk, frontier },
    },
    options,
    () => picture(optimal),
  );
}

function lambdas({ riskAversion }: ScheduleInputs): Float64Array {
  return Float64Array.from({ length: FRONTIER_POINTS }, (_, i) => {
    const exponent = FRONTIER_DECADES * (i / (FRONTIER_POINTS - 1) - 0.5);
    return riskAversion * 10 ** exponent;
  });
}

function picture({ holdings, periodLength }: Schedule): string {
  const points = Array.from(holdings, (held, k) => [k * periodLength, held] as const);
  const axes = { title: 'Liquidation trajectory', xLabel: 'time', yLabel: 'shares held' };
  return lineChart(axes, [{ name: 'optimal', points }]);
}
