import { fail, type Result } from '@cerberus/core';
import { attributeByFactor, type GreekAttribution, type GreekTerm } from './attribution.ts';
import { check } from './errors.ts';

/** How an underlying follows a factor, and what the factor did. */
export interface FactorLoading {
  readonly name: string;
  /** Return of the underlying per return of the factor. */
  readonly beta: number;
  /** Simple return of the factor over the period. */
  readonly move: number;
}

/** The effects that are no factor's, by the terms that they gather. */
export const FACTOR_EFFECTS = {
  convexity: ['gamma', 'speed'],
  volatility: ['vega', 'volga', 'ultima'],
  time: ['theta'],
  rates: ['rho', 'dividendRho'],
  cross: ['vanna', 'charm', 'veta', 'zomma', 'color'],
} as const satisfies Record<string, readonly GreekTerm[]>;

export type FactorEffect = keyof typeof FACTOR_EFFECTS;

/** P&L of a position by cause; everything adds up to `actual`. */
export interface FactorSplit {
  /** exposure · beta · move of each factor. */
  readonly byFactor: Readonly<Record<string, number>>;
  /** The linear P&L of the underlying that no factor explains. */
  readonly basis: number;
  readonly effects: Readonly<Record<FactorEffect, number>>;
  /** Costs as negative P&L. */
  readonly costs: number;
  readonly unexplained: number;
  readonly actual: number;
}

/**
 * P&L by factor: the linear (delta) term of an attribution by Greek is split into exposure · βᵢ · moveᵢ of
 * each factor and the basis, what the underlying did beside its factors; the other terms are gathered by
 * what caused them. `exposure` is quantity · delta · price at the start, in currency. The parts add up to
 * the actual P&L by construction, for any betas.
 */
export function attributeToFactors(inputs: {
  readonly attribution: GreekAttribution;
  readonly exposure: number;
  readonly loadings: readonly FactorLoading[];
}): Result<FactorSplit> {
  const { attribution, exposure, loadings } = inputs;
  const fault = check.number(exposure, 'exposure');
  if (fault !== undefined) return fail(fault);
  for (const { name, beta, move } of loadings) {
    const wrong =
      check.number(beta, `beta ${name}`) ?? check.number(move, `move ${name}`, { atLeast: -1 });
    if (wrong !== undefined) return fail(wrong);
  }
  const { byGreek, costs, unexplained, actual } = attribution;
  const linear = attributeByFactor(
    loadings.map(({ beta }) => exposure * beta),
    loadings.map(({ move }) => move),
    byGreek.delta,
  );
  if (!linear.ok) return linear;
  const effects = Object.entries(FACTOR_EFFECTS).map(([effect, terms]) => [
    effect,
    terms.reduce((sum, term) => sum + byGreek[term], 0),
  ]);
  return check.result({
    byFactor: Object.fromEntries(loadings.map(({ name }, i) => [name, linear.value.byFactor[i]!])),
    basis: linear.value.specific,
    effects: Object.fromEntries(effects) as Record<FactorEffect, number>,
    costs: costs.fees + costs.slippage + costs.borrow + costs.funding,
    unexplained,
    actual,
  });
}
