import { unwrap } from '@cerberus/core';
import { compareWithBenchmark, deflatedSharpe, performance } from '@cerberus/risk';
import { autocorrelations, type Series } from '@cerberus/stats';
import { numberOf, seriesOf, valuesOrCode } from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

const LAGS = 5;

/** Performance ratios of a return series, and the deflated Sharpe ratio. */
export const performanceRatios: VectorTopic = {
  file: 'performance.json',
  evaluate: (inputs, file) =>
    valuesOrCode(() =>
      inputs['trials'] === undefined ? ofSeries(inputs, file) : deflated(inputs),
    ),
};

function deflated(inputs: Inputs): Record<string, unknown> {
  const result = unwrap(
    deflatedSharpe({
      trials: numberOf(inputs, 'trials'),
      varianceOfTrialSharpes: numberOf(inputs, 'variance_of_trial_sharpes'),
      observations: numberOf(inputs, 'n'),
      sharpe: numberOf(inputs, 'sharpe_period'),
      skewness: numberOf(inputs, 'skewness'),
      kurtosis: numberOf(inputs, 'kurtosis'),
    }),
  );
  return {
    expected_max_sharpe: result.expectedMaximumSharpe,
    deflated_sharpe: result.deflatedSharpe,
  };
}

function ofSeries(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const returns = seriesOf(inputs, file, 'returns_ref');
  const options = {
    periodsPerYear: numberOf(inputs, 'periods_per_year'),
    riskFree: numberOf(inputs, 'risk_free_per_period'),
    minimumAcceptable: numberOf(inputs, 'minimum_acceptable_return'),
  };
  const p = unwrap(performance(returns, options));
  return {
    mean: p.mean,
    sd_sample: p.sampleSd,
    sd_population: p.populationSd,
    sharpe_period: p.sharpe,
    sharpe_annual: p.sharpeAnnual,
    downside_deviation_all_n: p.downsideDeviation,
    sortino_annual: p.sortinoAnnual,
    skewness: p.skewness,
    kurtosis: p.kurtosis,
    total_return: p.totalReturn,
    cagr: p.annualGrowth,
    max_drawdown: p.maximumDrawdown,
    max_drawdown_peak_index: p.peakIndex,
    max_drawdown_trough_index: p.troughIndex,
    longest_time_under_water_periods: p.longestUnderWater,
    recovery_index: p.recoveryIndex,
    calmar: p.calmar,
    ulcer_index: p.ulcerIndex,
    omega: p.omega,
    hit_rate: p.hitRate,
    profit_factor: p.profitFactor,
    win_loss_ratio: p.winLossRatio,
    sharpe_standard_error_mertens: p.sharpeErrorMertens,
    probabilistic_sharpe_vs_zero: p.probabilisticSharpe,
    sharpe_standard_error_iid_normal: p.sharpeErrorNormal,
    ...autocorrelation(returns),
    ...relative(inputs, file, returns),
  };
}

/** Lags that a short series does not have count as zero, as in the file. */
function autocorrelation(returns: Series): Record<string, unknown> {
  const values = autocorrelations(returns, Math.min(LAGS, returns.length - 1));
  if (!values.ok) return {};
  return { autocorrelation_1_to_5: Array.from({ length: LAGS }, (_, i) => values.value[i] ?? 0) };
}

function relative(inputs: Inputs, file: VectorFile, returns: Series): Record<string, unknown> {
  if (inputs['benchmark_ref'] === null || inputs['benchmark_ref'] === undefined) return {};
  const comparison = unwrap(
    compareWithBenchmark(returns, seriesOf(inputs, file, 'benchmark_ref'), {
      periodsPerYear: numberOf(inputs, 'periods_per_year'),
      riskFree: numberOf(inputs, 'risk_free_per_period'),
    }),
  );
  return {
    beta: comparison.beta,
    alpha_period: comparison.alpha,
    correlation: comparison.correlation,
    tracking_error_annual: comparison.trackingErrorAnnual,
    information_ratio_annual: comparison.informationRatioAnnual,
    treynor_annual: comparison.treynorAnnual,
  };
}
