import { fail, type Result } from '@cerberus/core';
import { argumentFault, type Series } from '@cerberus/stats';
import { check, RISK_ERRORS } from './errors.ts';

export interface Concentration {
  /** Herfindahl-Hirschman index Σ wᵢ², wᵢ = |xᵢ| / Σ|x|: 1/n for n equal positions, 1 for one. */
  readonly herfindahl: number;
  /** (H − 1/n) / (1 − 1/n): 0 for equal positions, 1 for a single one, whatever their number. */
  readonly score: number;
  /** Largest |xᵢ| / Σ|x|. */
  readonly largestShare: number;
  readonly largestIndex: number;
  /** 1/H, the number of equal positions with the same concentration. */
  readonly effectivePositions: number;
}

/** Concentration of position values (either sign); at least one must differ from zero. */
export function concentration(positionValues: Series): Result<Concentration> {
  const fault = check.series(positionValues, 'positionValues');
  if (fault !== undefined) return fail(fault);
  let gross = 0;
  let largestIndex = 0;
  for (let i = 0; i < positionValues.length; i++) {
    gross += Math.abs(positionValues[i]!);
    if (Math.abs(positionValues[i]!) > Math.abs(positionValues[largestIndex]!)) largestIndex = i;
  }
  if (gross === 0 || !Number.isFinite(gross)) {
    return fail(
      argumentFault(RISK_ERRORS.OUT_OF_DOMAIN, 'positionValues', {
        expected: 'a gross value above 0',
        received: gross,
      }),
    );
  }
  let herfindahl = 0;
  for (let i = 0; i < positionValues.length; i++) herfindahl += (positionValues[i]! / gross) ** 2;
  const equal = 1 / positionValues.length;
  return check.result({
    herfindahl,
    score: equal === 1 ? 1 : (herfindahl - equal) / (1 - equal),
    largestShare: Math.abs(positionValues[largestIndex]!) / gross,
    largestIndex,
    effectivePositions: 1 / herfindahl,
  });
}
