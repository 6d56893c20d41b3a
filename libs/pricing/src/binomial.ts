import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, faultOutside, PRICING_ERRORS } from './errors.ts';
import type { EuropeanOption } from './european.ts';
import { signOf } from './greeks.ts';

/** Lattices by their usual names; `jarrow-rudd-rn` has the same steps with risk-neutral probability. */
export const LATTICES = [
  'cox-ross-rubinstein',
  'jarrow-rudd',
  'jarrow-rudd-rn',
  'tian',
  'leisen-reimer',
] as const;
export type Lattice = (typeof LATTICES)[number];

export interface LatticeOption extends EuropeanOption {
  readonly exercise: 'european' | 'american';
  readonly lattice: Lattice;
  /** Time steps, 1 to 20,000. */
  readonly steps: number;
}

export interface LatticeValues {
  readonly price: number;
  /** (V_up − V_down)/(S u − S d) at the first step. */
  readonly delta: number;
  readonly up: number;
  readonly down: number;
  readonly probability: number;
}

type Moves = Pick<LatticeValues, 'up' | 'down' | 'probability'>;

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'positive',
  rate: 'finite',
  dividendYield: 'finite',
  volatility: 'positive',
} as const;

const STEP_LIMITS = [1, 20_000] as const;

/** Peizer-Pratt inversion, method 2, of a normal quantile into a binomial probability. */
function peizerPratt(z: number, steps: number): number {
  const scaled = z / (steps + 1 / 3 + 0.1 / (steps + 1));
  return 0.5 + Math.sign(z) * Math.sqrt(0.25 - 0.25 * Math.exp(-scaled * scaled * (steps + 1 / 6)));
}

function movesOf(option: LatticeOption): Moves {
  const { spot, strike, timeYears, rate, dividendYield, volatility, steps } = option;
  const step = timeYears / steps;
  const growth = Math.exp((rate - dividendYield) * step);
  const swing = volatility * Math.sqrt(step);
  switch (option.lattice) {
    case 'cox-ross-rubinstein': {
      const up = Math.exp(swing);
      const down = 1 / up;
      return { up, down, probability: (growth - down) / (up - down) };
    }
    case 'jarrow-rudd':
    case 'jarrow-rudd-rn': {
      const drift = (rate - dividendYield - 0.5 * volatility * volatility) * step;
      const up = Math.exp(drift + swing);
      const down = Math.exp(drift - swing);
      const neutral = (growth - down) / (up - down);
      return { up, down, probability: option.lattice === 'jarrow-rudd' ? 0.5 : neutral };
    }
    case 'tian': {
      const spread = Math.exp(volatility * volatility * step);
      const half = 0.5 * growth * spread;
      const root = Math.sqrt(spread * spread + 2 * spread - 3);
      const up = half * (spread + 1 + root);
      const down = half * (spread + 1 - root);
      return { up, down, probability: (growth - down) / (up - down) };
    }
    case 'leisen-reimer': {
      const total = volatility * Math.sqrt(timeYears);
      const second =
        (Math.log(spot / strike) + (rate - dividendYield) * timeYears) / total - 0.5 * total;
      const probability = peizerPratt(second, steps);
      const up = (growth * peizerPratt(second + total, steps)) / probability;
      const down = (growth - probability * up) / (1 - probability);
      return { up, down, probability };
    }
  }
}

/**
 * Value on a recombining binomial lattice, exactly as the lattice defines it: early exercise is checked
 * at every node including the root. Accuracy against the continuous model is O(1/steps), O(1/steps²)
 * for European values on a Leisen-Reimer lattice with an odd number of steps.
 *
 * Sources: Cox-Ross-Rubinstein (1979); Jarrow-Rudd (1983); Tian (1993); Leisen-Reimer, Appl. Math.
 * Finance 3 (1996) 319-346, Peizer-Pratt method 2.
 */
export function binomial(option: LatticeOption): Result<LatticeValues> {
  const fault =
    faultOfFields(option, RULES) ??
    faultOutside(option.steps, STEP_LIMITS, 'steps') ??
    faultOfVariant(option);
  if (fault !== undefined) return fail(fault);
  const moves = movesOf(option);
  if (!(moves.probability >= 0 && moves.probability <= 1 && moves.down > 0)) {
    return fail(
      faultOf(PRICING_ERRORS.LATTICE_UNSTABLE, {
        path: 'steps',
        expected: 'a probability in [0, 1]',
        received: `${moves.probability} at ${option.steps} steps`,
      }),
    );
  }
  return ok({ ...rollBack(option, moves), ...moves });
}

function faultOfVariant(option: LatticeOption): Fault | undefined {
  if (!Number.isInteger(option.steps)) {
    return faultOf(PRICING_ERRORS.OUT_OF_RANGE, {
      path: 'steps',
      expected: 'a whole number',
      received: `${option.steps}`,
    });
  }
  if (LATTICES.includes(option.lattice)) return undefined;
  return faultOf(PRICING_ERRORS.UNKNOWN_VARIANT, {
    path: 'lattice',
    expected: LATTICES.join(', '),
    received: String(option.lattice),
  });
}

function rollBack(option: LatticeOption, moves: Moves): Pick<LatticeValues, 'price' | 'delta'> {
  const { spot, strike, steps } = option;
  const sign = signOf(option.kind);
  const discount = Math.exp((-option.rate * option.timeYears) / steps);
  const upWeight = discount * moves.probability;
  const downWeight = discount * (1 - moves.probability);
  const isAmerican = option.exercise === 'american';
  const values = new Float64Array(steps + 1);
  const [logUp, logDown] = [Math.log(moves.up), Math.log(moves.down)];
  const spotAt = (step: number, ups: number) =>
    spot * Math.exp(ups * logUp + (step - ups) * logDown);
  for (let ups = 0; ups <= steps; ups += 1) {
    values[ups] = Math.max(sign * (spotAt(steps, ups) - strike), 0);
  }
  let delta = 0;
  const ratio = moves.up / moves.down;
  for (let step = steps - 1; step >= 0; step -= 1) {
    if (step === 0) delta = (values[1]! - values[0]!) / (spot * (moves.up - moves.down));
    let node = spotAt(step, 0);
    for (let ups = 0; ups <= step; ups += 1) {
      const held = upWeight * values[ups + 1]! + downWeight * values[ups]!;
      values[ups] = isAmerican ? Math.max(held, sign * (node - strike)) : held;
      node *= ratio;
    }
  }
  return { price: values[0]!, delta };
}
