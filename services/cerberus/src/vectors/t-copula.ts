import { unwrap } from '@cerberus/core';
import {
  empiricalTail,
  fitTCopula,
  kendallFromCorrelation,
  tailDependence,
  tCopulaCdf,
  tCopulaLogDensity,
  tCopulaLogLikelihood,
} from '@cerberus/stats';
import { columnsOf, numberOf, rowsOf, valuesOrCode } from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Levels at which the file counts joint exceedances of a fitted sample. */
const TAIL_LEVELS = [0.05, 0.1];

/** Bivariate Student-t copula: tail dependence, density, distribution, likelihood, fit. */
export const tCopula: VectorTopic = {
  file: 't_copula.json',
  evaluate: (inputs, file) => valuesOrCode(() => evaluate(inputs, file)),
};

function evaluate(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const copula = { rho: numberOf(inputs, 'rho'), nu: numberOf(inputs, 'nu') };
  if (inputs['series_ref'] !== undefined) {
    const [u = [], v = []] = columnsOf(rowsOf(inputs, file, 'series_ref'));
    if (inputs['nu'] === undefined) return fitted(u, v);
    return { loglik: unwrap(tCopulaLogLikelihood(copula, u, v)) };
  }
  if (inputs['u'] !== undefined) {
    const u = numberOf(inputs, 'u');
    const v = numberOf(inputs, 'v');
    const logDensity = unwrap(tCopulaLogDensity(copula, u, v));
    return {
      log_density: logDensity,
      density: Math.exp(logDensity),
      cdf: unwrap(tCopulaCdf(copula, u, v)),
    };
  }
  const limit = unwrap(tailDependence(copula));
  if (inputs['q'] !== undefined) {
    const q = numberOf(inputs, 'q');
    return { C_qq_over_q: unwrap(tCopulaCdf(copula, q, q)) / q, limit };
  }
  return { tail_dependence: limit, kendall_tau: unwrap(kendallFromCorrelation(copula.rho)) };
}

function fitted(u: number[], v: number[]): Record<string, unknown> {
  const fit = unwrap(fitTCopula(u, v));
  const tails = TAIL_LEVELS.map((q) => {
    const tail = unwrap(empiricalTail(u, v, q));
    return [
      String(q),
      {
        count_lower: tail.lowerCount,
        lower: tail.lower,
        count_upper: tail.upperCount,
        upper: tail.upper,
      },
    ];
  });
  return {
    nu: fit.nu,
    rho: fit.rho,
    loglik: fit.logLikelihood,
    kendall_tau: fit.kendallTau,
    rho_from_tau: fit.rhoFromTau,
    tail_dependence: fit.tailDependence,
    empirical_tail: Object.fromEntries(tails),
  };
}
