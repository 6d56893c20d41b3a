import { fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';
import { allocateEuropeanColumns, type EuropeanOption } from './european.ts';
import { greeksRow } from './european-kernel.ts';
import { allocateGreekColumns, signOf } from './greeks.ts';
import type { JumpParameters } from './heston-characteristic.ts';

/** A European option under Merton's jump diffusion; `volatility` is the diffusive part. */
export interface MertonOption extends EuropeanOption {
  readonly jumps: JumpParameters;
}

export interface MertonValue {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  /** ∂V/∂σ of the diffusive volatility, per 1.00. */
  readonly vega: number;
  /** Terms of the series that were summed. */
  readonly terms: number;
}

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'time',
  rate: 'finite',
  dividendYield: 'finite',
  volatility: 'non-negative',
} as const;

const JUMP_RULES = {
  intensity: 'non-negative',
  logMean: 'finite',
  logDeviation: 'non-negative',
} as const;

/** The series stops where a Poisson weight, past the mode, is below this. */
const WEIGHT_NEGLIGIBLE = 1e-40;
/** Enough for an expected number of jumps of 20,000; more is refused. */
const TERMS_MAX = 25_000;

const input = allocateEuropeanColumns(1);
const output = allocateGreekColumns(1);

/**
 * Merton (1976): Σ e^{−λ′T}(λ′T)ⁿ/n! · BSM(rₙ, σₙ) with λ′ = λ(1+k̄), k̄ = e^{μ+δ²/2} − 1,
 * σₙ² = σ² + nδ²/T, rₙ = r − λk̄ + n(μ+δ²/2)/T, μ the mean of the LOG jump. Summed until the weight is
 * below 1e-40, so that no jump is missed (tables that stop at 11 terms err by up to 0.34 for λT = 5).
 *
 * Source: R. Merton, "Option pricing when underlying stock returns are discontinuous", J. Financial
 * Economics 3 (1976) 125-144, equation 16.
 */
export function mertonValue(option: MertonOption): Result<MertonValue> {
  const fault = faultOfFields(option, RULES) ?? faultOfFields(option.jumps, JUMP_RULES);
  if (fault !== undefined) return fail(fault);
  const { spot, strike, timeYears, rate, dividendYield, volatility } = option;
  const { intensity, logMean, logDeviation } = option.jumps;
  const growth = logMean + 0.5 * logDeviation * logDeviation;
  const mean = intensity * Math.exp(growth) * timeYears;
  const compensator = intensity * Math.expm1(growth);
  if (!(mean < 0.8 * TERMS_MAX)) {
    return fail(
      faultOf(PRICING_ERRORS.OUT_OF_RANGE, {
        path: 'jumps.intensity',
        expected: `fewer than ${0.8 * TERMS_MAX} expected jumps`,
        received: `${mean}`,
      }),
    );
  }
  input.sign[0] = signOf(option.kind);
  input.spot[0] = spot;
  input.strike[0] = strike;
  input.dividendYield[0] = dividendYield;
  const sum = { price: 0, delta: 0, gamma: 0, vega: 0, terms: 0 };
  let logWeight = -mean;
  for (let jumps = 0; jumps < TERMS_MAX; jumps += 1) {
    if (jumps > 0) logWeight += Math.log(mean / jumps);
    const weight = Math.exp(logWeight);
    if (jumps > mean && weight < WEIGHT_NEGLIGIBLE) break;
    // Total variance and drift are set over the whole time, so that T = 0 needs no division.
    const total = Math.sqrt(volatility * volatility * timeYears + jumps * logDeviation ** 2);
    const drift = (rate - compensator) * timeYears + jumps * growth;
    addTerm(sum, { weight, total, drift, option });
    sum.terms = jumps + 1;
  }
  if (!Object.values(sum).every(Number.isFinite)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'price' }));
  }
  return ok(sum);
}

interface Term {
  readonly weight: number;
  /** √(variance of ln S_T given the number of jumps). */
  readonly total: number;
  /** ln of the growth that stands in for r·T. */
  readonly drift: number;
  readonly option: MertonOption;
}

/** One conditional Black-Scholes value, as an option of one year with the term's total volatility. */
function addTerm(
  sum: { price: number; delta: number; gamma: number; vega: number },
  { weight, total, drift, option }: Term,
): void {
  const { timeYears, dividendYield, volatility } = option;
  input.timeYears[0] = 1;
  input.rate[0] = drift;
  input.dividendYield[0] = dividendYield * timeYears;
  input.volatility[0] = total;
  greeksRow(input, 0, output);
  sum.price += weight * output.price[0]!;
  sum.delta += weight * output.delta[0]!;
  sum.gamma += weight * output.gamma[0]!;
  // dσ_total/dσ = σT/σ_total, and √T where σ is zero without jumps.
  const slope = total > 0 ? (volatility * timeYears) / total : Math.sqrt(timeYears);
  sum.vega += weight * output.vega[0]! * slope;
}
