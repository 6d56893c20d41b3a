import {
  type Certificate,
  type ExpiryFit,
  type FittedSurface,
  type ImpliedSmiles,
  RUNGS,
  type SmileMetrics,
} from '@cerberus/surface';
import type { Command } from 'commander';
import { CHAIN_FORMATS } from '../chains/chain-file.ts';
import {
  type ChainSurface,
  dropTotals,
  EXERCISES,
  fitChain,
  insideShare,
  type SurfaceRequest,
  titleOf,
} from '../chains/chain-surface.ts';
import { choiceFlag, collected, numberFlag } from './options.ts';
import { type OutputOptions, printReport, type Report, withOutput, withPlot } from './report.ts';
import { smilePicture } from './surface-picture.ts';
import { answered, answerTable, type SurfaceAnswer } from './surface-query.ts';
import { addSurfaceReportCommand } from './surface-report.ts';
import type { Table } from './table.ts';

interface SurfaceOptions extends OutputOptions {
  readonly chain: string;
  readonly format?: string;
  readonly exercise: string;
  readonly rate?: string;
  readonly yield?: string;
  readonly asOf?: string;
  readonly from?: string;
  readonly query?: readonly string[];
}

export function addSurfaceCommand(program: Command): void {
  const command = program
    .command('surface')
    .description('fit an arbitrage-free implied-volatility surface to an option chain')
    .requiredOption('--chain <file>', 'chain file, plain or gzip; - for standard input')
    .option('--format <name>', `${CHAIN_FORMATS.join(', ')} (default: by the header)`)
    .option('--exercise <european|american>', 'style of the options', 'european')
    .option('--rate <r>', 'discount rate, continuous; default: put-call parity (American: 0)')
    .option('--yield <q>', 'continuous yield assumed for early exercise', '0')
    .option('--as-of <instant>', 'moment of the quotes, ISO 8601 (generic files need it)')
    .option('--from <rung>', `first rung of the ladder: ${RUNGS.join(', ')}`, 'corrected-svi')
    .option(
      '--query <spec>',
      'strike=K@DAYS, delta=D@DAYS or moneyness=ln(K/F)@DAYS; may be repeated',
      collected,
    );
  withOutput(
    withPlot(command, 'the smiles with their bid and ask'),
    'cerberus surface --chain spx.csv.gz --format cboe --plot smiles.svg',
  ).action((options: SurfaceOptions) => {
    const chain = fitChain(requestOf(options));
    const answers = (options.query ?? []).map((text) => answered(chain.fitted.surface, text));
    printReport(reportOf(chain, answers), options, () =>
      smilePicture(titleOf(chain), chain.fitted),
    );
  });
  addSurfaceReportCommand(program);
}

function requestOf(options: SurfaceOptions): SurfaceRequest {
  const { format, rate, asOf } = options;
  return {
    path: options.chain,
    exercise: choiceFlag('--exercise', options.exercise, EXERCISES),
    from: choiceFlag('--from', options.from ?? 'corrected-svi', RUNGS),
    dividendYield: numberFlag('--yield', options.yield ?? '0'),
    ...(format === undefined ? {} : { format: choiceFlag('--format', format, CHAIN_FORMATS) }),
    ...(rate === undefined ? {} : { rate: numberFlag('--rate', rate) }),
    ...(asOf === undefined ? {} : { asOfMs: numberFlag('--as-of', String(Date.parse(asOf))) }),
  };
}

function reportOf(chain: ChainSurface, answers: readonly SurfaceAnswer[]): Report {
  const { request, input, file, smiles, fitted, expiries, metrics } = chain;
  const isGiven = request.rate !== undefined;
  const discounting = isGiven ? `rate ${request.rate} given` : 'rates from put-call parity';
  const early =
    request.exercise === 'american'
      ? `early-exercise premia taken out at rate ${request.rate ?? 0}, yield ${request.dividendYield ?? 0} on the escrowed spot`
      : 'European exercise';
  return {
    model: `total-variance slices on rung ${fitted.rung} of ${RUNGS.join(' > ')}; linear in time at fixed ln(K/F)`,
    conventions: [
      `quotes of ${new Date(file.asOfMs).toISOString()}; time in calendar days / 365`,
      `${discounting}; ${early}; out-of-the-money two-sided quotes only`,
      ...file.notes,
    ],
    units:
      'volatility per √year (0.2 = 20 %); rmse in volatility points (1 = 0.01); deltas undiscounted',
    inputs: [input],
    tables: [
      expiryTable(expiries),
      metricsTable(expiries, metrics),
      certificateTable(fitted.certificate, fitted.blended),
      dropTable(smiles),
      ...(answers.length === 0 ? [] : [answerTable(answers)]),
    ],
    data: {
      asOf: new Date(file.asOfMs).toISOString(),
      rung: fitted.rung,
      blended: fitted.blended,
      insideBeyondSevenDays: insideShare(expiries),
      certificate: fitted.certificate,
      expiries: expiries.map((expiry, row) => ({
        ...expiry,
        parameters: parametersOf(fitted, row),
        metrics: metrics[row],
      })),
      queries: answers,
      droppedQuotes: dropTotals(smiles),
      droppedExpiries: smiles.dropped.map(({ id, reason }) => ({ id, reason })),
    },
  };
}

function parametersOf(fitted: FittedSurface, row: number) {
  const { svi, centres, widths, heights } = fitted.surface.expiries[row]!.slice;
  return { ...svi, centres, widths, heights };
}

function expiryTable(expiries: readonly ExpiryFit[]): Table {
  return {
    title: 'Fit',
    columns: ['expiry', 'years', 'forward', 'rate', 'quotes', 'inside %', 'rmse', 'vega rmse'],
    rows: expiries.map((expiry) => [
      expiry.id,
      rounded(expiry.timeYears, 4),
      rounded(expiry.forward, 2),
      rounded(-Math.log(expiry.discountFactor) / expiry.timeYears, 4),
      expiry.quotes,
      rounded((100 * expiry.inside) / expiry.quotes, 1),
      rounded(expiry.rmseVolPoints, 3),
      rounded(expiry.weightedRmseVolPoints, 3),
    ]),
  };
}

function metricsTable(expiries: readonly ExpiryFit[], metrics: readonly SmileMetrics[]): Table {
  return {
    title: 'Metrics',
    columns: ['expiry', 'ATM', '90-110', '25Δ RR', '25Δ BF', '10Δ RR', '10Δ BF', 'model-free'],
    rows: metrics.map((smile, row) => [
      expiries[row]!.id,
      ...[
        smile.atTheMoney,
        smile.skew90110,
        smile.riskReversal25,
        smile.butterfly25,
        smile.riskReversal10,
        smile.butterfly10,
        smile.modelFree,
      ].map((value) => rounded(value, 4)),
    ]),
  };
}

function certificateTable(certificate: Certificate, blended: number): Table {
  const { lowestMoneyness, highestMoneyness, shortestYears, longestYears } = certificate;
  return {
    title: 'Certificate',
    columns: ['check', 'value'],
    rows: [
      ['grid', `${certificate.moneynessPoints} ln(K/F) × ${certificate.maturities} maturities`],
      ['ln(K/F)', `${rounded(lowestMoneyness, 3)} … ${rounded(highestMoneyness, 3)}`],
      ['years', `${rounded(shortestYears, 4)} … ${rounded(longestYears, 3)}`],
      ['butterfly violations (g < 0)', certificate.butterflyViolations],
      ['calendar violations', certificate.calendarViolations],
      ['wing violations (Lee, order at infinity)', certificate.wingViolations],
      ['smallest g', rounded(certificate.smallestDensity, 6)],
      ['share drawn to the backbone', blended],
    ],
  };
}

function dropTable(smiles: ImpliedSmiles): Table {
  const quotes = Object.entries(dropTotals(smiles)).filter(([, count]) => count > 0);
  return {
    title: 'Left out',
    columns: ['reason', 'count'],
    rows: [
      ...quotes.map(([reason, count]) => [`quotes: ${reason}`, count]),
      ...smiles.dropped.map(({ id, reason }) => [`expiry ${id}: ${reason}`, 1]),
    ],
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
