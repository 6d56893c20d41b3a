import { unwrap } from '@cerberus/core';
import { type Reversion, reversionOf } from '@cerberus/features';
import {
  adfTestAutomatic,
  engleGranger,
  fitDcc,
  fitGarch,
  fitOrnsteinUhlenbeck,
  fitTCopula,
  type GarchFit,
  jarqueBera,
  johansen,
  ljungBox,
  pseudoObservations,
} from '@cerberus/stats';
import type { Command } from 'commander';
import {
  type CapitalOptions,
  PREMIUM_CONVENTION,
  type Premium,
  premiumOf,
  premiumTable,
} from './basis-premium.ts';
import {
  basisRiskOf,
  leverageByVolatility,
  riskTable,
  TAIL_CONVENTION,
  tailCapitalOf,
} from './basis-risk.ts';
import { aligned, logReturns, readHistory, seriesNamed } from './history.ts';
import { collected, numberFlag, wholeFlag } from './options.ts';
import { dayText, lineChart } from './plot.ts';
import { Progress } from './progress.ts';
import { type OutputOptions, printReport, withOutput, withPlot } from './report.ts';
import { betaOf } from './stress.ts';
import type { Cell } from './table.ts';

const LAGS_MAX = [0, 60] as const;
const DIAGNOSTIC_LAGS = 10;
/** |z| beyond which the residual is called stretched. */
const STRETCHED = 2;
const SIGNIFICANT = 0.05;

const HORIZON_MAX = 1_000;

interface BasisOptions extends OutputOptions, CapitalOptions {
  readonly history: readonly string[];
  readonly asset: string;
  readonly driver: string;
  readonly periodsPerYear: string;
  readonly lags: string;
  readonly horizon: string;
}

export function addBasisCommand(program: Command): void {
  const command = program
    .command('basis')
    .description('basis model of an asset against its driver: relation, reversion, beta, tails')
    .requiredOption('--history <file>', 'date,underlying,close; or NAME=FILE (repeat)', collected)
    .requiredOption('--asset <name>', 'explained series, e.g. MSTR')
    .requiredOption('--driver <name>', 'its driver, e.g. BTC')
    .option('--periods-per-year <n>', 'observations in a year', '252')
    .option('--lags <n>', 'lagged differences of the tests', '5')
    .option('--horizon <days>', 'days over which the signal looks ahead', '21')
    .option('--holdings <n>', 'units of the driver that the asset holds, today')
    .option('--shares <n>', 'shares of the asset outstanding, today')
    .option('--debt <amount>', 'its debt')
    .option('--preferred <amount>', 'its preferred shares')
    .option('--cash <amount>', 'its cash')
    .option(
      '--capital <file>',
      'the same by date, each row until the next: date, holdings, shares, debt, preferred, cash',
    );
  withOutput(
    withPlot(command, 'the basis, or the premium where --capital is given, with its bands'),
    'cerberus basis --history MSTR=mstr_ohlcv_daily.csv --history BTC=btc_usd_ohlcv_daily.csv --asset MSTR --driver BTC --plot basis.svg',
  ).action(basis);
}

function basis(options: BasisOptions): void {
  const lags = wholeFlag('--lags', options.lags, LAGS_MAX);
  const periods = numberFlag('--periods-per-year', options.periodsPerYear);
  const horizon = wholeFlag('--horizon', options.horizon, [1, HORIZON_MAX]);
  const history = readHistory(options.history);
  const names = [options.asset, options.driver] as const;
  const pair = [
    seriesNamed(history, names[0], '--asset'),
    seriesNamed(history, names[1], '--driver'),
  ];
  const { days, closes } = aligned(pair);
  const [logAsset, logDriver] = closes.map((close) => close.map(Math.log));
  const [asset, driver] = closes.map(logReturns);
  const progress = new Progress({ silent: false });
  const relation = relationOf([logAsset!, logDriver!], { lags, periods, horizon });
  progress.bar('basis model', 1, 4);
  const linkage = linkageOf([asset!, driver!], periods, progress);
  progress.end();
  const prices = { days, asset: closes[0]!, driver: closes[1]! };
  const premium = premiumOf(options, prices, horizon);
  const capital = tailCapitalOf(linkage.linked);
  const risk = basisRiskOf(linkage.linked, premium?.reversion ?? relation.reversion, horizon);
  const warnings = warningsOf(relation, linkage, premium);
  printReport(
    {
      model: `log ${names[0]} on log ${names[1]}: Engle-Granger and Johansen; Ornstein-Uhlenbeck residual; GARCH(1,1)-t margins, DCC(1,1) correlation, t-copula of their residuals`,
      conventions: [
        `${days.length} common days, ${dayText(days[0]!)} to ${dayText(days.at(-1)!)}; ${periods} observations a year; z-score in stationary deviations; signal: 100 × (chance that the basis rises − that it falls) in ${horizon} days`,
        'leverage: slope of log returns on those of the driver, on days on which it rose and fell, and on calm and turbulent days by its GARCH volatility; dynamic beta: DCC correlation × volatility ratio, next period',
        TAIL_CONVENTION,
        ...(premium === undefined ? [] : [PREMIUM_CONVENTION]),
      ],
      units:
        'basis in logarithm of price (0.1 is about 10 %); half-life in trading days; volatility per √year',
      inputs: [...history.inputs, ...(premium?.inputs ?? [])],
      tables: [
        { title: 'Relation', columns: ['measure', 'value'], rows: relation.rows },
        { title: 'Linkage of returns', columns: ['measure', 'value'], rows: linkage.rows },
        ...(premium === undefined ? [] : [premiumTable(premium, horizon)]),
        riskTable(risk, capital),
        ...(warnings.length === 0
          ? []
          : [{ columns: ['warning'], rows: warnings.map((text) => [text]) }]),
      ],
      data: {
        observations: days.length,
        horizon,
        relation: relation.data,
        linkage: linkage.data,
        premium:
          premium === undefined ? null : { ...premium.now, reversion: premium.reversion ?? null },
        tailCapital: capital,
        risk,
        warnings,
      },
    },
    options,
    () => picture(names, { days, relation, premium }),
  );
}

/** The premium by day where it is known, the residual of the relation otherwise. */
function picture(
  [asset, driver]: readonly [string, string],
  {
    days,
    relation,
    premium,
  }: {
    readonly days: Float64Array;
    readonly relation: ReturnType<typeof relationOf>;
    readonly premium: Premium | undefined;
  },
): string {
  const isPremium = premium?.series !== undefined;
  const series = premium?.series ?? { days, values: relation.residuals };
  const bands = bandsOf(isPremium ? premium.reversion : relation.reversion);
  const points = Array.from(series.values, (e, t) => [series.days[t]!, e] as const);
  const [what, yLabel] = isPremium ? ['Premium', 'log multiple'] : ['Basis', 'log basis'];
  const title = `${what} of ${asset} to ${driver}`;
  const axes = { title, xLabel: 'date', yLabel, isDated: true };
  return lineChart(axes, [{ name: what.toLowerCase(), points }], bands);
}

function bandsOf(reversion: Reversion | undefined) {
  if (reversion === undefined) return [];
  return [-STRETCHED, 0, STRETCHED].map((k) => ({
    name: k === 0 ? 'level' : `${k} deviations`,
    at: reversion.level + k * reversion.stationarySd,
  }));
}

type Pair = readonly [Float64Array, Float64Array];

function relationOf(
  [asset, driver]: Pair,
  {
    lags,
    periods,
    horizon,
  }: { readonly lags: number; readonly periods: number; readonly horizon: number },
) {
  const engle = unwrap(engleGranger(asset, driver, { deterministic: 'c', lags }));
  const joint = unwrap(johansen([asset, driver], lags));
  const { residuals, hedgeRatio, intercept, pValue, statistic, residualSd } = engle;
  const root = unwrap(
    adfTestAutomatic(residuals, { deterministic: 'n', maximumLag: lags, criterion: 'BIC' }),
  );
  const { process, autoregression } = unwrap(fitOrnsteinUhlenbeck(residuals, 1 / periods));
  const reversion = unwrap(reversionOf(residuals, horizon));
  const halfLifeDays = process === undefined ? null : process.halfLife * periods;
  const rows: Cell[][] = [
    ['hedge ratio (elasticity)', hedgeRatio],
    ['intercept', intercept],
    ['residual deviation', residualSd],
    ['Engle-Granger statistic', statistic],
    ['Engle-Granger p', pValue],
    ['unit root of the residual, statistic (own lag)', root.statistic],
    ['Johansen relations at 95 %', joint.traceRank95],
    ['basis now', residuals.at(-1) ?? null],
    ['z-score now', process?.zScore ?? null],
    ['half-life, days', halfLifeDays],
    ['stationary deviation', process?.stationarySd ?? null],
    ['speed of reversion, per year', process?.kappa ?? null],
    [`change expected in ${horizon} days`, reversion?.expectedChange ?? null],
    ['signal, −100 falls to 100 rises', reversion?.signal ?? null],
  ];
  const data = {
    engleGranger: {
      hedgeRatio,
      intercept,
      statistic,
      pValue,
      residualSd,
      criticalValues: engle.criticalValues,
    },
    johansen: { traceStatistics: joint.traceStatistics, relations95: joint.traceRank95 },
    residualUnitRoot: { statistic: root.statistic, lags: root.lags },
    ornsteinUhlenbeck: process ?? null,
    autoregression,
    halfLifeDays,
    basis: residuals.at(-1),
    expectedChange: reversion?.expectedChange ?? null,
    signal: reversion?.signal ?? null,
  };
  return { residuals, rows, data, pValue, reversion };
}

function linkageOf([asset, driver]: Pair, periods: number, progress: Progress) {
  const margins = [asset, driver].map((returns) =>
    unwrap(fitGarch(returns, { distribution: 'student-t' })),
  ) as [GarchFit, GarchFit];
  progress.bar('basis model', 2, 4);
  const standardised = margins.map((fit) => fit.standardisedResiduals);
  const dcc = unwrap(fitDcc(standardised));
  const nextCorrelation = dcc.next.data[1]!;
  progress.bar('basis model', 3, 4);
  const [u, v] = standardised.map((z) => unwrap(pseudoObservations(z)));
  const copula = unwrap(fitTCopula(u!, v!));
  const annual = (fit: GarchFit) => Math.sqrt(fit.next * periods);
  const [assetVolatility, driverVolatility] = [annual(margins[0]), annual(margins[1])];
  const dynamicBeta = (nextCorrelation * assetVolatility) / driverVolatility;
  const { tailDependence } = copula;
  const linked = { asset, driver, margins, hedgeRatio: dynamicBeta, tailDependence };
  const leverage = {
    all: betaOf(asset, driver),
    up: halfBeta(asset, driver, 1),
    down: halfBeta(asset, driver, -1),
    ...leverageByVolatility(linked),
  };
  const normality = unwrap(jarqueBera(margins[0].standardisedResiduals));
  const clustering = unwrap(
    ljungBox(
      margins[0].standardisedResiduals.map((z) => z * z),
      DIAGNOSTIC_LAGS,
    ),
  );
  const rows: Cell[][] = [
    ['volatility of the asset, next period', assetVolatility],
    ['volatility of the driver, next period', driverVolatility],
    ['correlation, next period (DCC)', nextCorrelation],
    ['dynamic beta', dynamicBeta],
    ['leverage, all days', leverage.all],
    ['leverage, driver up', leverage.up],
    ['leverage, driver down', leverage.down],
    ['leverage, calm driver', leverage.calm],
    ['leverage, turbulent driver', leverage.turbulent],
    ['copula degrees of freedom', copula.nu],
    ['copula correlation', copula.rho],
    ['tail dependence', copula.tailDependence],
    ['Jarque-Bera p of the asset’s residuals', normality.pValue],
    ['Ljung-Box p of their squares', clustering.pValue],
  ];
  const data = {
    garch: {
      asset: { parameters: margins[0].parameters, persistence: margins[0].persistence },
      driver: { parameters: margins[1].parameters, persistence: margins[1].persistence },
    },
    assetVolatility,
    driverVolatility,
    dcc: { ...dcc.parameters, nextCorrelation },
    dynamicBeta,
    leverage,
    tCopula: { nu: copula.nu, rho: copula.rho, tailDependence: copula.tailDependence },
    diagnostics: { jarqueBera: normality, ljungBoxSquares: clustering },
  };
  return { rows, data, leverage, linked };
}

/** Slope over the days on which the driver moved one way, through the days' own means. */
function halfBeta(asset: Float64Array, driver: Float64Array, sign: 1 | -1): number {
  const rows = Array.from(driver.keys()).filter((t) => sign * driver[t]! > 0);
  const pick = (values: Float64Array) => Float64Array.from(rows, (t) => values[t]!);
  return betaOf(pick(asset), pick(driver));
}

function warningsOf(
  { pValue, reversion }: { readonly pValue: number; readonly reversion: Reversion | undefined },
  linkage: { readonly leverage: { readonly up: number; readonly down: number } },
  premium: Premium | undefined,
): string[] {
  const zScore = reversion?.zScore;
  const { up, down } = linkage.leverage;
  return [
    ...(pValue < SIGNIFICANT
      ? []
      : [`no cointegration at 5 % (p ${pValue.toFixed(3)}): the basis may drift and not revert`]),
    ...(zScore === undefined
      ? ['the residual shows no reversion: half-life and z-score do not exist']
      : Math.abs(zScore) > STRETCHED
        ? [`the basis is stretched: ${zScore.toFixed(2)} stationary deviations`]
        : []),
    ...(down > up ? ['falls with its driver harder than it rises with it'] : []),
    ...(premium === undefined ? [] : premiumWarnings(premium)),
  ];
}

function premiumWarnings({ now, series, reversion }: Premium): string[] {
  const zScore = reversion?.zScore ?? 0;
  return [
    ...(series !== undefined && reversion === undefined
      ? ['the premium shows no reversion: it has no z-score']
      : []),
    ...(Math.abs(zScore) > STRETCHED
      ? [`the premium is stretched: ${zScore.toFixed(2)} stationary deviations`]
      : []),
    ...(now.premiumToNet === undefined
      ? ['debt and preferred shares exceed coins and cash: nothing is left for the shares']
      : []),
  ];
}
