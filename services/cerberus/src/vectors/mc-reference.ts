import type { Result } from '@cerberus/core';
import {
  asianPaths,
  downAndOutCallPrice,
  downAndOutPaths,
  type ExchangeOption,
  europeanPaths,
  exchangePaths,
  exchangePrice,
  geometricAsianPrice,
  type PathModel,
  simulate,
  terminalLaw,
} from '@cerberus/pricing';
import { optionOf } from './bsm-greeks.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

const SEED = 20_240_607;
/** The standard error itself is judged on samples of 100,000 and more, the means on fewer. */
const [PATHS_MANY, PATHS_FEW] = [102_400, 8192];
/** Dates of the bridge-corrected barrier simulation; any number is unbiased. */
const BARRIER_STEPS = 12;

/** Closed form under the file's name, the Monte Carlo value of the same case beside it. */
function withSimulation(price: Result<number>, model: PathModel): Inputs {
  if (!price.ok) return { error: price.error.code };
  // Plain sampling: the file judges the reported standard error itself.
  const estimate = simulate(model, { seed: SEED, paths: PATHS_FEW });
  if (!estimate.ok) return { error: estimate.error.code };
  return {
    price: price.value,
    mc_price: estimate.value.mean,
    mc_standard_error: estimate.value.standardError,
    mc_paths: estimate.value.paths,
  };
}

function terminal(inputs: Inputs): Inputs {
  const option = optionOf(inputs);
  const law = terminalLaw(option);
  if (!law.ok) return { error: law.error.code };
  const { controlMean: _, ...plain } = europeanPaths({ ...option, kind: 'call' });
  const estimate = simulate(plain, { seed: SEED, paths: PATHS_MANY });
  if (!estimate.ok) return { error: estimate.error.code };
  const { mean, variance, probabilityAbove, cashOrNothingCall, callPayoffDeviation } = law.value;
  return {
    mean,
    variance,
    prob_above_K: probabilityAbove,
    cash_or_nothing_call: cashOrNothingCall,
    call_payoff_sd_discounted: callPayoffDeviation,
    mc_price: estimate.value.mean,
    mc_standard_error: estimate.value.standardError,
    mc_paths: estimate.value.paths,
  };
}

function exchangeOf(inputs: Inputs): ExchangeOption {
  const number = (name: string) => inputs[name] as number;
  return {
    spot: number('S1'),
    otherSpot: number('S2'),
    timeYears: number('T'),
    dividendYield: number('q1'),
    otherDividendYield: number('q2'),
    volatility: number('sigma1'),
    otherVolatility: number('sigma2'),
    correlation: number('rho'),
  };
}

/** Exotics and moments with closed forms, each also simulated with its standard error. */
export const mcReference: VectorTopic = {
  file: 'mc_reference.json',
  evaluate(inputs) {
    if (inputs['S1'] !== undefined) {
      const option = exchangeOf(inputs);
      return withSimulation(exchangePrice(option), exchangePaths(option));
    }
    const option = optionOf(inputs);
    if (inputs['fixings'] !== undefined) {
      const fixings = inputs['fixings'] as number;
      const model = asianPaths(option, fixings, { kind: 'geometric' });
      return withSimulation(geometricAsianPrice(option, fixings), model);
    }
    if (inputs['barrier'] !== undefined) {
      const barrier = inputs['barrier'] as number;
      const model = downAndOutPaths(option, barrier, BARRIER_STEPS);
      return withSimulation(downAndOutCallPrice(option, barrier), model);
    }
    return terminal(inputs);
  },
};
