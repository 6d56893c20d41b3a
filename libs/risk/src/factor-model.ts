import type { Fault } from '@cerberus/core';
import type { Domain, Series, SquareMatrix } from '@cerberus/stats';
import { positiveDefinite } from './correlation-check.ts';
import { check } from './errors.ts';

/**
 * A risk factor: `relative` ones move by a simple return (prices, index levels), `absolute` ones by a
 * difference (volatilities, rates, spreads).
 */
export interface Factor {
  readonly name: string;
  readonly moves: 'relative' | 'absolute';
  /** Per √year: of the log-return, or of the difference. */
  readonly volatility: number;
  /** Expected simple growth per year (relative) or difference per year; 0 by default. */
  readonly drift?: number;
}

/** Crashes that hit every factor at once; sizes are independent normal log-jumps (or differences). */
export interface JumpLaw {
  readonly kind: 'jump-diffusion';
  /** Jumps per year. */
  readonly intensity: number;
  /** Mean and deviation of the jump of each factor. */
  readonly jumpMean: Series;
  readonly jumpSd: Series;
}

/**
 * Student-t copula with `nu` degrees of freedom. Margins: `normal`; `student-t` with the same ν and the
 * factor's volatility (the multivariate t law); `empirical`, the ranks mapped on given standardised
 * outcomes of each factor (mean 0, deviation 1), sorted ascending.
 */
export interface TCopulaLaw {
  readonly kind: 't-copula';
  readonly nu: number;
  readonly margins:
    | { readonly kind: 'normal' }
    | { readonly kind: 'student-t' }
    | { readonly kind: 'empirical'; readonly sortedOutcomes: readonly Float64Array[] };
}

/** Stochastic variance of each factor: dv = κ(θ − v)dt + ξ√v dW, correlation ρ with its own return. */
export interface HestonLaw {
  readonly kind: 'heston';
  readonly kappa: Series;
  readonly theta: Series;
  readonly volOfVariance: Series;
  readonly rho: Series;
  readonly initialVariance: Series;
}

export type ReturnLaw = { readonly kind: 'diffusion' } | JumpLaw | TCopulaLaw | HestonLaw;

export interface FactorModel {
  readonly factors: readonly Factor[];
  readonly correlation: SquareMatrix;
  readonly law: ReturnLaw;
  readonly horizonYears: number;
  /** Equal time steps within the horizon; the law applies to each step. */
  readonly steps: number;
  readonly seed: number;
}

/** Most factors and steps of one model: bounds on the memory of a path. */
export const FACTORS_MAX = 1_000;
export const STEPS_MAX = 10_000;

/** First fault of a model, by name. */
export function factorModelFault(model: FactorModel): Fault | undefined {
  const { factors, correlation } = model;
  const size = factors.length;
  const fault =
    check.number(size, 'factors.length', { atLeast: 1, atMost: FACTORS_MAX }) ??
    check.number(model.horizonYears, 'horizonYears', { above: 0 }) ??
    check.number(model.steps, 'steps', { atLeast: 1, atMost: STEPS_MAX, integer: true }) ??
    check.number(model.seed, 'seed', {
      atLeast: 0,
      atMost: Number.MAX_SAFE_INTEGER,
      integer: true,
    }) ??
    check.length(correlation.data, 'correlation', size * size) ??
    positiveDefinite(correlation, 'correlation');
  if (fault !== undefined) return fault;
  for (const [i, factor] of factors.entries()) {
    const wrong =
      check.number(factor.volatility, `factors[${i}].volatility`, { atLeast: 0 }) ??
      check.number(factor.drift ?? 0, `factors[${i}].drift`) ??
      check.number(correlation.data[i * size + i]!, `correlation[${i}][${i}]`, {
        atLeast: 1 - 1e-9,
        atMost: 1 + 1e-9,
      });
    if (wrong !== undefined) return wrong;
  }
  return lawFault(model.law, size);
}

function lawFault(law: ReturnLaw, size: number): Fault | undefined {
  switch (law.kind) {
    case 'diffusion':
      return undefined;
    case 'jump-diffusion':
      return (
        check.number(law.intensity, 'law.intensity', { atLeast: 0, atMost: 10_000 }) ??
        vectorFault(law.jumpMean, 'law.jumpMean', { size }) ??
        vectorFault(law.jumpSd, 'law.jumpSd', { size, atLeast: 0 })
      );
    case 't-copula':
      return check.degreesOfFreedom(law.nu, 'law.nu') ?? marginsFault(law, size);
    case 'heston':
      return (
        vectorFault(law.kappa, 'law.kappa', { size, atLeast: 0 }) ??
        vectorFault(law.theta, 'law.theta', { size, atLeast: 0 }) ??
        vectorFault(law.volOfVariance, 'law.volOfVariance', { size, atLeast: 0 }) ??
        vectorFault(law.initialVariance, 'law.initialVariance', { size, atLeast: 0 }) ??
        vectorFault(law.rho, 'law.rho', { size, atLeast: -1, atMost: 1 })
      );
  }
}

function marginsFault(law: TCopulaLaw, size: number): Fault | undefined {
  if (law.margins.kind !== 'empirical') return undefined;
  const outcomes = law.margins.sortedOutcomes;
  const count = check.number(outcomes.length, 'law.margins.sortedOutcomes.length', {
    atLeast: size,
    atMost: size,
  });
  if (count !== undefined) return count;
  for (const [i, column] of outcomes.entries()) {
    const path = `law.margins.sortedOutcomes[${i}]`;
    const fault = check.series(column, path, { minimumLength: 2, varying: true });
    if (fault !== undefined) return fault;
    for (let k = 1; k < column.length; k++) {
      const order = check.number(column[k]!, `${path}[${k}]`, { atLeast: column[k - 1]! });
      if (order !== undefined) return order;
    }
  }
  return undefined;
}

function vectorFault(
  values: Series,
  path: string,
  demand: Domain & { readonly size: number },
): Fault | undefined {
  const { size, ...domain } = demand;
  const fault = check.length(values, path, size);
  if (fault !== undefined) return fault;
  for (let i = 0; i < values.length; i++) {
    const wrong = check.number(values[i]!, `${path}[${i}]`, domain);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
