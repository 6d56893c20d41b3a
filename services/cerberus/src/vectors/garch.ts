import { unwrap } from '@cerberus/core';
import {
  evaluateDcc,
  evaluateGarch,
  fitDcc,
  fitGarch,
  type GarchInitialisation,
  type GarchParameters,
  garchForecast,
  type SquareMatrix,
} from '@cerberus/stats';
import { columnsOf, numberOf, rowsOf, seriesOf, textOf, valuesOrCode } from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

const HORIZONS = [1, 5, 10, 50];
/** The file's `R_mid` is the correlation of observation 301. */
const MIDDLE_ROW = 300;

/** GARCH(1,1) likelihoods and fits, and the correlation stage of DCC(1,1). */
export const garch: VectorTopic = {
  file: 'garch.json',
  evaluate: (inputs, file) =>
    valuesOrCode(() => {
      if (inputs['standardised_residuals_ref'] !== undefined) return dccValues(inputs, file);
      return inputs['mu'] === undefined ? fitValues(inputs, file) : givenValues(inputs, file);
    }),
};

function initialisationOf(inputs: Inputs): GarchInitialisation {
  const name = textOf(inputs, 'initialisation');
  return name === 'uncond' ? 'unconditional' : (name as GarchInitialisation);
}

function givenValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const parameters: GarchParameters = {
    mu: numberOf(inputs, 'mu'),
    omega: numberOf(inputs, 'omega'),
    alpha: numberOf(inputs, 'alpha'),
    beta: numberOf(inputs, 'beta'),
    ...(inputs['nu'] === undefined || inputs['nu'] === null ? {} : { nu: numberOf(inputs, 'nu') }),
  };
  const returns = seriesOf(inputs, file, 'series_ref');
  const value = unwrap(evaluateGarch(returns, parameters, initialisationOf(inputs)));
  const forecasts = HORIZONS.map((horizon) => [
    String(horizon),
    unwrap(garchForecast(parameters, value.next, horizon)),
  ]);
  return {
    loglik: value.logLikelihood,
    h_first_three: [...value.variances.slice(0, 3)],
    h_last: value.variances.at(-1),
    h_next: value.next,
    forecast_h: Object.fromEntries(forecasts),
    unconditional_variance: value.unconditionalVariance ?? null,
    half_life_periods: value.halfLifePeriods ?? null,
  };
}

function fitValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const student = textOf(inputs, 'distribution') !== 'normal';
  const fit = unwrap(
    fitGarch(seriesOf(inputs, file, 'series_ref'), {
      distribution: student ? 'student-t' : 'normal',
      initialisation: initialisationOf(inputs),
    }),
  );
  const { nu, ...four } = fit.parameters;
  return {
    ...four,
    ...(nu === undefined ? {} : { nu }),
    loglik: fit.logLikelihood,
    standard_errors_hessian:
      fit.standardErrors === undefined ? null : [...fit.standardErrors.hessian],
    standard_errors_robust:
      fit.standardErrors === undefined ? null : [...fit.standardErrors.robust],
    persistence: fit.persistence,
    h_next: fit.next,
  };
}

function dccValues(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const columns = columnsOf(rowsOf(inputs, file, 'standardised_residuals_ref'));
  if (inputs['a'] === undefined) {
    const fit = unwrap(fitDcc(columns));
    return {
      ...fit.parameters,
      loglik_correlation: fit.logLikelihood,
      R_next: nested(fit.next),
    };
  }
  const parameters = { a: numberOf(inputs, 'a'), b: numberOf(inputs, 'b') };
  const value = unwrap(evaluateDcc(columns, parameters));
  const at = (row: number): number[][] | null => {
    const matrix = value.correlations.at(row);
    return matrix === undefined ? null : nested(matrix);
  };
  return {
    S: nested(value.target),
    loglik_correlation: value.logLikelihood,
    R_second: at(1),
    R_mid: at(MIDDLE_ROW),
    R_last_in_sample: at(-1),
    R_next: nested(value.next),
  };
}

function nested({ size, data }: SquareMatrix): number[][] {
  return Array.from({ length: size }, (_, i) => [...data.slice(i * size, (i + 1) * size)]);
}
