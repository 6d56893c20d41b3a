import { unwrap } from '@cerberus/core';
import {
  adfTest,
  adfTestAutomatic,
  type CriticalValues,
  type Deterministic,
  engleGranger,
  johansen,
  type LagCriterion,
  mackinnonCriticalValues,
  mackinnonPValue,
} from '@cerberus/stats';
import {
  columnsOf,
  numberOf,
  numbersOf,
  rowsOf,
  seriesOf,
  textOf,
  valuesOrCode,
} from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Unit-root and cointegration tests. */
export const unitRootAndCointegration: VectorTopic = {
  file: 'adf_coint.json',
  evaluate: (inputs, file) =>
    valuesOrCode(() => {
      if (inputs['statistics'] !== undefined) return mackinnon(inputs);
      if (inputs['y_ref'] !== undefined) return engleGrangerValues(inputs, file);
      if (inputs['lagged_differences'] !== undefined) return johansenValues(inputs, file);
      return adfValues(inputs, file);
    }),
};

function levels({ onePercent, fivePercent, tenPercent }: CriticalValues): number[] {
  return [onePercent, fivePercent, tenPercent];
}

function adfValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const series = seriesOf(inputs, file, 'series_ref');
  const deterministic = textOf(inputs, 'regression') as Deterministic;
  if (inputs['max_lag'] !== undefined) {
    const criterion = textOf(inputs, 'criterion') as LagCriterion;
    const maximumLag = numberOf(inputs, 'max_lag');
    const test = unwrap(adfTestAutomatic(series, { deterministic, maximumLag, criterion }));
    return {
      selected_lag: test.lags,
      statistic: test.statistic,
      p_value: test.pValue,
      nobs_used: test.observations,
      information_criterion: test.informationCriterion,
    };
  }
  const test = unwrap(adfTest(series, { deterministic, lags: numberOf(inputs, 'lags') }));
  const { onePercent, fivePercent, tenPercent } = test.criticalValues;
  return {
    statistic: test.statistic,
    coefficient: test.coefficient,
    standard_error: test.standardError,
    nobs_used: test.observations,
    p_value: test.pValue,
    critical_values: { '1%': onePercent, '5%': fivePercent, '10%': tenPercent },
  };
}

function mackinnon(inputs: Inputs): Record<string, unknown> {
  const deterministic = textOf(inputs, 'regression') as Deterministic;
  const count = numberOf(inputs, 'number_of_series');
  return {
    p_values: numbersOf(inputs, 'statistics').map((s) =>
      unwrap(mackinnonPValue(s, deterministic, count)),
    ),
    critical_values_1_5_10: levels(
      unwrap(mackinnonCriticalValues(deterministic, count, numberOf(inputs, 'nobs'))),
    ),
    critical_values_asymptotic: levels(unwrap(mackinnonCriticalValues(deterministic, count))),
  };
}

function engleGrangerValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const test = unwrap(
    engleGranger(seriesOf(inputs, file, 'y_ref'), seriesOf(inputs, file, 'x_ref'), {
      deterministic: textOf(inputs, 'regression') as 'c' | 'ct',
      lags: numberOf(inputs, 'lags'),
    }),
  );
  return {
    hedge_ratio: test.hedgeRatio,
    intercept: test.intercept,
    statistic: test.statistic,
    p_value: test.pValue,
    critical_values_1_5_10: levels(test.criticalValues),
    residual_sd_ddof0: test.residualSd,
    first_residual: test.residuals[0],
    last_residual: test.residuals.at(-1),
  };
}

function johansenValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const columns = columnsOf(rowsOf(inputs, file, 'series_ref'));
  const test = unwrap(johansen(columns, numberOf(inputs, 'lagged_differences')));
  return {
    eigenvalues: [...test.eigenvalues],
    trace_statistics: [...test.traceStatistics],
    max_eigen_statistics: [...test.maximumEigenvalueStatistics],
    first_cointegrating_vector_normalised_on_first: [...(test.vectors[0] ?? [])],
    nobs_used: test.observations,
    critical_values_trace_90_95_99: test.criticalValues.map((row) => [...row.trace]),
    critical_values_max_90_95_99: test.criticalValues.map((row) => [...row.maximum]),
    osterwald_lenum_trace_95: test.osterwaldLenum.map((row) => row.trace[1]),
    osterwald_lenum_max_95: test.osterwaldLenum.map((row) => row.maximum[1]),
  };
}
