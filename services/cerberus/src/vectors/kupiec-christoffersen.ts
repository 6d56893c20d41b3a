import { unwrap } from '@cerberus/core';
import {
  baselTrafficLight,
  christoffersenTest,
  kupiecRegion,
  kupiecTest,
  timeUntilFirstFailure,
} from '@cerberus/risk';
import { numberOf, textOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** The traffic-light case lists counts of exceptions from 0 to this. */
const BASEL_COUNT_MAX = 15;

/** Backtests of value at risk. */
export const kupiecChristoffersen: VectorTopic = {
  file: 'kupiec_christoffersen.json',
  evaluate: (inputs) => valuesOrCode(() => evaluate(inputs)),
};

function evaluate(inputs: Inputs): Record<string, unknown> {
  const p = numberOf(inputs, 'p');
  if (inputs['hits'] !== undefined) return christoffersen(textOf(inputs, 'hits'), p);
  if (inputs['first_failure_at'] !== undefined) {
    const test = unwrap(timeUntilFirstFailure(numberOf(inputs, 'first_failure_at'), p));
    return { LR_tuff: test.statistic, p_value: test.pValue };
  }
  const observations = numberOf(inputs, 'observations');
  if (inputs['test_level'] !== undefined) {
    const region = unwrap(kupiecRegion(observations, p, numberOf(inputs, 'test_level')));
    return {
      min_exceptions_not_rejected: region.minimum,
      max_exceptions_not_rejected: region.maximum,
    };
  }
  if (inputs['exceptions'] === undefined) return basel(observations, p);
  const test = unwrap(kupiecTest(observations, numberOf(inputs, 'exceptions'), p));
  return {
    LR_uc: test.statistic,
    p_value: test.pValue,
    reject_5pct: test.pValue < 0.05,
    reject_1pct: test.pValue < 0.01,
    binomial_P_at_most_n: test.atMostProbability,
    binomial_P_at_least_n: test.atLeastProbability,
    z_score: test.zScore,
  };
}

function basel(observations: number, p: number): Record<string, unknown> {
  const verdicts = Array.from({ length: BASEL_COUNT_MAX + 1 }, (_, exceptions) =>
    unwrap(baselTrafficLight(observations, exceptions, p)),
  );
  return {
    cumulative_probability: verdicts.map((v) => v.cumulativeProbability),
    zones: verdicts.map((v) => v.zone),
    multiplier_add_on: verdicts.map((v) => v.multiplierAddOn),
  };
}

function christoffersen(hits: string, p: number): Record<string, unknown> {
  const sequence = [...hits].map((hit) => hit === '1');
  const test = unwrap(christoffersenTest(sequence, p));
  return {
    observations: test.observations,
    exceptions: test.exceptions,
    n00: test.n00,
    n01: test.n01,
    n10: test.n10,
    n11: test.n11,
    pi01: test.chanceAfterNone,
    pi11: test.chanceAfterException,
    pi: test.chance,
    LR_uc: test.unconditional.statistic,
    p_uc: test.unconditional.pValue,
    LR_ind: test.independence.statistic,
    p_ind: test.independence.pValue,
    LR_cc: test.conditional.statistic,
    p_cc: test.conditional.pValue,
    LR_uc_from_transitions: test.unconditionalFromTransitions,
    LR_cc_from_transitions: test.conditionalFromTransitions,
  };
}
