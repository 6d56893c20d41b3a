import {
  continuousSchedule,
  immediateSchedule,
  liquidityAdjustedVar,
  optimalSchedule,
  type ScheduleInputs,
} from '@cerberus/algos';
import { unwrap } from '@cerberus/core';
import { numberOf, valuesOrCode } from './case-inputs.ts';
import type { VectorFile, VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Optimal liquidation schedules and the two ends of the frontier. */
export const almgrenChriss: VectorTopic = {
  file: 'almgren_chriss.json',
  evaluate: (inputs, file) =>
    valuesOrCode(() =>
      inputs['lambda'] === undefined ? frontierEnd(inputs, file) : schedule(inputs),
    ),
};

function programmeOf(inputs: Inputs): ScheduleInputs {
  return {
    shares: numberOf(inputs, 'X'),
    horizon: numberOf(inputs, 'T'),
    periods: numberOf(inputs, 'N'),
    volatility: numberOf(inputs, 'sigma'),
    fixedCost: numberOf(inputs, 'epsilon'),
    permanentImpact: numberOf(inputs, 'gamma'),
    temporaryImpact: numberOf(inputs, 'eta'),
    riskAversion: inputs['lambda'] === undefined ? 0 : numberOf(inputs, 'lambda'),
    drift: inputs['drift_alpha'] === undefined ? 0 : numberOf(inputs, 'drift_alpha'),
  };
}

/** Both ends have the same inputs: the case's tag says which one is asked for. */
function frontierEnd(inputs: Inputs, file: VectorFile): Record<string, unknown> {
  const tags = file.cases.find((item) => item.inputs === inputs)?.tags ?? [];
  const programme = programmeOf(inputs);
  const cost = tags.includes('minimum-variance')
    ? immediateSchedule(programme)
    : optimalSchedule(programme);
  const { expectedCost, variance } = unwrap(cost);
  return { expected_cost: expectedCost, variance };
}

function schedule(inputs: Inputs): Record<string, unknown> {
  const programme = programmeOf(inputs);
  const optimal = unwrap(optimalSchedule(programme));
  const continuous = programme.drift === 0 ? continuousSchedule(programme) : undefined;
  return {
    tau: optimal.periodLength,
    eta_tilde: optimal.temporaryImpactAdjusted,
    kappa_tilde_squared: optimal.urgencySquared,
    kappa: optimal.urgency,
    half_life_1_over_kappa: optimal.urgency === 0 ? null : 1 / optimal.urgency,
    holdings: [...optimal.holdings],
    trades: [...optimal.trades],
    expected_cost: optimal.expectedCost,
    variance: optimal.variance,
    sd: optimal.sd,
    utility_E_plus_lambda_V: optimal.utility,
    L_VaR_95: unwrap(liquidityAdjustedVar(optimal, 0.95)),
    ...(continuous?.ok === true
      ? {
          continuous_kappa: continuous.value.urgency,
          continuous_holdings_at_grid: [...continuous.value.holdings],
        }
      : {}),
  };
}
