import { unwrap } from '@cerberus/core';
import {
  ageWeightedVar,
  cornishFisherExpansion,
  deltaGammaVar,
  deltaNormalVar,
  diagonalMatrix,
  filterByGarch,
  filteredScenarios,
  historicalVar,
  normalTail,
  type ShortfallEstimator,
  studentTail,
} from '@cerberus/risk';
import {
  covarianceFrom,
  ewmaEffectivePeriods,
  ewmaVariance,
  moments,
  QUANTILE_TYPES,
  type Series,
  squareMatrix,
  tailMass,
} from '@cerberus/stats';
import { numberOf, numbersOf, seriesOf, valuesOrCode } from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;
type Values = Record<string, unknown>;

/** Value at risk and expected shortfall by every method of the file. */
export const varEs: VectorTopic = {
  file: 'var_es.json',
  evaluate: (inputs, file) => valuesOrCode(() => evaluate(inputs, file)),
};

function evaluate(inputs: Inputs, file: VectorFile): Values {
  if (inputs['delta'] !== undefined) return deltaGamma(inputs);
  if (inputs['exposures'] !== undefined) return portfolio(inputs);
  if (inputs['tail_weight'] !== undefined) {
    const days = ewmaEffectivePeriods(numberOf(inputs, 'decay'), numberOf(inputs, 'tail_weight'));
    return { days: unwrap(days) };
  }
  if (inputs['pnl_ref'] !== undefined) {
    return ofSeries(inputs, seriesOf(inputs, file, 'pnl_ref'));
  }
  if (inputs['nu'] !== undefined) return student(inputs);
  return inputs['skewness'] === undefined ? normal(inputs) : cornishFisher(inputs);
}

function ofSeries(inputs: Inputs, pnl: Series): Values {
  if (inputs['omega'] !== undefined) return filtered(inputs, pnl);
  if (inputs['confidence'] === undefined) {
    return inputs['decay'] === undefined ? sampleMoments(pnl) : ewma(inputs, pnl);
  }
  return inputs['decay'] === undefined ? historical(inputs, pnl) : ageWeighted(inputs, pnl);
}

function normal(inputs: Inputs): Values {
  const confidence = numberOf(inputs, 'confidence');
  const tail = unwrap(normalTail(confidence, numberOf(inputs, 'mean'), numberOf(inputs, 'sd')));
  return {
    z: unwrap(normalTail(confidence, 0, 1)).valueAtRisk,
    VaR: tail.valueAtRisk,
    ES: tail.expectedShortfall,
  };
}

function student(inputs: Inputs): Values {
  const given = {
    confidence: numberOf(inputs, 'confidence'),
    nu: numberOf(inputs, 'nu'),
    mean: numberOf(inputs, 'mean'),
    spread: numberOf(inputs, 'scale_or_sd'),
  };
  const scale = unwrap(studentTail({ ...given, spreadIs: 'scale' }));
  const unit = unwrap(studentTail({ ...given, spreadIs: 'standard-deviation' }));
  return {
    t_quantile: scale.quantile,
    VaR_scale: scale.valueAtRisk,
    ES_scale: scale.expectedShortfall,
    VaR_unit_variance: unit.valueAtRisk,
    ES_unit_variance: unit.expectedShortfall,
  };
}

function cornishFisher(inputs: Inputs): Values {
  const tail = unwrap(
    cornishFisherExpansion({
      confidence: numberOf(inputs, 'confidence'),
      mean: numberOf(inputs, 'mean'),
      sd: numberOf(inputs, 'sd'),
      skewness: numberOf(inputs, 'skewness'),
      excessKurtosis: numberOf(inputs, 'excess_kurtosis'),
    }),
  );
  return {
    z_cf: tail.zCf,
    VaR: tail.valueAtRisk,
    ES_integral: tail.expectedShortfall,
    ES_edgeworth_bpc: tail.edgeworthShortfall,
    transform_is_monotone: tail.isMonotone,
  };
}

/** Historical VaR by each quantile type, as an object keyed by the type. */
function everyType(pnl: Series, confidence: number): Values {
  return Object.fromEntries(
    QUANTILE_TYPES.map((quantileType) => [
      String(quantileType),
      unwrap(historicalVar(pnl, { confidence, quantileType })).valueAtRisk,
    ]),
  );
}

function shortfallOf(pnl: Series, confidence: number, shortfall: ShortfallEstimator): number {
  return unwrap(historicalVar(pnl, { confidence, shortfall })).expectedShortfall;
}

function historical(inputs: Inputs, pnl: Series): Values {
  const confidence = numberOf(inputs, 'confidence');
  const types = everyType(pnl, confidence);
  const mass = tailMass(pnl.length, confidence);
  return {
    VaR: types,
    ES_mean_of_floor_np_worst: shortfallOf(pnl, confidence, 'floor'),
    ES_mean_of_ceil_np_worst: shortfallOf(pnl, confidence, 'ceiling'),
    ES_acerbi_tasche: shortfallOf(pnl, confidence, 'acerbi-tasche'),
    np: mass.whole + mass.fraction,
  };
}

function sampleMoments(pnl: Series): Values {
  const m = unwrap(moments(pnl));
  return {
    mean: m.mean,
    sd_n_minus_1: m.sampleSd,
    sd_n: m.populationSd,
    skewness_population: m.skewness,
    excess_kurtosis_population: m.excessKurtosis,
    skewness_adjusted_G1: m.adjustedSkewness,
    excess_kurtosis_adjusted_G2: m.adjustedExcessKurtosis,
  };
}

function ageWeighted(inputs: Inputs, pnl: Series): Values {
  const confidence = numberOf(inputs, 'confidence');
  const risk = unwrap(ageWeightedVar(pnl, { confidence, decay: numberOf(inputs, 'decay') }));
  return {
    VaR_step: risk.valueAtRisk,
    ES_weighted: risk.expectedShortfall,
    cumulative_weight_before: risk.weightBefore,
    cumulative_weight_at: risk.weightAt,
  };
}

function ewma(inputs: Inputs, pnl: Series): Values {
  const decay = numberOf(inputs, 'decay');
  const square = unwrap(ewmaVariance(pnl, decay, 'mean-square'));
  return {
    variance_forecast_seed_mean_square: square.next,
    variance_forecast_seed_first_square: unwrap(ewmaVariance(pnl, decay, 'first-square')).next,
    variance_forecast_normalised_weights: unwrap(ewmaVariance(pnl, decay, 'normalised-weights'))
      .next,
    first_five_with_seed_mean_square: [...square.variances.slice(1, 6)],
    seed_mean_square: square.seed,
    normal_VaR_99_seed_mean_square: unwrap(normalTail(0.99, 0, Math.sqrt(square.next))).valueAtRisk,
  };
}

function filtered(inputs: Inputs, pnl: Series): Values {
  const series = unwrap(
    filterByGarch(pnl, {
      mu: numberOf(inputs, 'mean'),
      omega: numberOf(inputs, 'omega'),
      alpha: numberOf(inputs, 'alpha'),
      beta: numberOf(inputs, 'beta'),
    }),
  );
  const scenarios = filteredScenarios(series);
  const confidence = numberOf(inputs, 'confidence');
  return {
    next_variance: series.nextVariance,
    VaR: everyType(scenarios, confidence),
    ES_acerbi_tasche: shortfallOf(scenarios, confidence, 'acerbi-tasche'),
    first_three_standardised_residuals: [...series.residuals.slice(0, 3)],
    last_standardised_residual: series.residuals.at(-1),
  };
}

function portfolio(inputs: Inputs): Values {
  const correlation = unwrap(squareMatrix(inputs['correlation'] as number[][], 'correlation'));
  const years = numberOf(inputs, 'horizon_days') / numberOf(inputs, 'days_per_year');
  const vols = numbersOf(inputs, 'annual_vols').map((vol) => vol * Math.sqrt(years));
  const covariance = unwrap(covarianceFrom(vols, correlation));
  const exposures = numbersOf(inputs, 'exposures');
  const risk = unwrap(deltaNormalVar(exposures, covariance, numberOf(inputs, 'confidence')));
  return {
    sd: risk.sd,
    VaR: risk.valueAtRisk,
    ES: risk.expectedShortfall,
    marginal_VaR: [...risk.marginalVar],
    component_VaR: [...risk.componentVar],
    incremental_VaR_of_removing: [...risk.incrementalVar],
    undiversified_VaR: risk.undiversifiedVar,
  };
}

function deltaGamma(inputs: Inputs): Values {
  const risk = unwrap(
    deltaGammaVar({
      delta: numbersOf(inputs, 'delta'),
      gamma: diagonalMatrix(numbersOf(inputs, 'gamma_diagonal')),
      covariance: unwrap(squareMatrix(inputs['covariance'] as number[][], 'covariance')),
      confidence: numberOf(inputs, 'confidence'),
    }),
  );
  const [k1, k2, k3, k4] = risk.cumulants;
  return {
    k1,
    k2,
    k3,
    k4,
    skewness: risk.skewness,
    excess_kurtosis: risk.excessKurtosis,
    VaR_delta_normal: risk.deltaNormalVar,
    VaR_cornish_fisher: risk.valueAtRisk,
  };
}
