import { fail, ok, type Result } from '@cerberus/core';
import { fitGarch, type GarchParameters, moments, type Series } from '@cerberus/stats';
import { normalTail } from './delta-normal.ts';
import { check } from './errors.ts';
import { filterByEwma, filterByGarch, filteredScenarios } from './filtered-historical.ts';
import { historicalVar } from './historical-var.ts';
import { cornishFisherTail, studentTail } from './parametric-var.ts';
import { fitStudentT } from './student-fit.ts';
import type { TailRisk } from './tail-risk.ts';
import { ageWeightedVar } from './weighted-var.ts';

/**
 * Models of tomorrow's loss from past returns. `filtered-garch` re-estimates its GARCH(1,1) (Student-t
 * errors) unless `parameters` are given.
 */
export type VarModel =
  | { readonly kind: 'historical' }
  | { readonly kind: 'age-weighted'; readonly decay: number }
  | { readonly kind: 'filtered-ewma'; readonly decay: number }
  | { readonly kind: 'filtered-garch'; readonly parameters?: GarchParameters }
  | { readonly kind: 'normal' }
  | { readonly kind: 'student-t' }
  | { readonly kind: 'cornish-fisher' };

/** One-period value at risk and expected shortfall, as fractions, from returns in time order. */
export function forecastVar(
  returns: Series,
  model: VarModel,
  confidence: number,
): Result<TailRisk> {
  const fault =
    check.probability(confidence, 'confidence') ??
    check.series(returns, 'returns', { minimumLength: 4, varying: true });
  if (fault !== undefined) return fail(fault);
  switch (model.kind) {
    case 'historical':
      return historicalVar(returns, { confidence });
    case 'age-weighted':
      return ageWeightedVar(returns, { confidence, decay: model.decay });
    case 'filtered-ewma': {
      const filtered = filterByEwma(returns, model.decay);
      return filtered.ok
        ? historicalVar(filteredScenarios(filtered.value), { confidence })
        : filtered;
    }
    case 'filtered-garch':
      return filteredGarch(returns, model.parameters, confidence);
    case 'student-t': {
      const fit = fitStudentT(returns);
      if (!fit.ok) return fit;
      const { nu, mean, scale } = fit.value;
      return studentTail({ confidence, nu, mean, spread: scale, spreadIs: 'scale' });
    }
    case 'normal':
    case 'cornish-fisher':
      return byMoments(returns, model.kind, confidence);
  }
}

function filteredGarch(
  returns: Series,
  given: GarchParameters | undefined,
  confidence: number,
): Result<TailRisk> {
  const parameters = given === undefined ? stationaryGarch(returns) : ok(given);
  if (!parameters.ok) return parameters;
  const filtered = filterByGarch(returns, parameters.value);
  return filtered.ok ? historicalVar(filteredScenarios(filtered.value), { confidence }) : filtered;
}

/** GARCH(1,1) with Student-t errors whose unconditional variance exists, as the filter needs. */
export function stationaryGarch(returns: Series): Result<GarchParameters> {
  const fit = fitGarch(returns, { distribution: 'student-t', initialisation: 'unconditional' });
  return fit.ok ? check.result(fit.value.parameters) : fit;
}

function byMoments(
  returns: Series,
  kind: 'normal' | 'cornish-fisher',
  confidence: number,
): Result<TailRisk> {
  const measured = moments(returns);
  if (!measured.ok) return measured;
  const { mean, sampleSd: sd, skewness, excessKurtosis } = measured.value;
  if (kind === 'normal') return normalTail(confidence, mean, sd);
  return cornishFisherTail({ confidence, mean, sd, skewness, excessKurtosis });
}
