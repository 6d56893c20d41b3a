import type { Result } from '@cerberus/core';
import {
  americanGreeks,
  binomial,
  type EuropeanOption,
  europeanGreeks,
  europeanPrice,
  finiteDifferences,
  type GridOption,
  type Lattice,
  presentValueOfDividends,
} from '@cerberus/pricing';
import { optionOf } from './bsm-greeks.ts';
import type { VectorTopic } from './topic.ts';

const LATTICE_OF_NAME: Readonly<Record<string, Lattice>> = {
  CRR: 'cox-ross-rubinstein',
  JR: 'jarrow-rudd',
  'JR-RN': 'jarrow-rudd-rn',
  TIAN: 'tian',
  LR: 'leisen-reimer',
};

type Values = Readonly<Record<string, unknown>>;

function orError<T>(result: Result<T>, values: (value: T) => Values): Values {
  return result.ok ? values(result.value) : { error: result.error.code };
}

function onLattice(option: EuropeanOption, inputs: Values): Values {
  const result = binomial({
    ...option,
    exercise: inputs['exercise'] as 'european' | 'american',
    lattice: LATTICE_OF_NAME[inputs['tree'] as string] as Lattice,
    steps: inputs['steps'] as number,
  });
  return orError(result, ({ price, delta, up, down, probability }) => ({
    price,
    delta,
    u: up,
    d: down,
    p: probability,
  }));
}

function withDividends(option: EuropeanOption, inputs: Values): Values {
  const dividends = (inputs['dividends'] as { t: number; amount: number }[]).map(
    ({ t, amount }) => ({ timeYears: t, amount }),
  );
  const dividendModel = inputs['dividend_model'] as 'spot' | 'escrowed';
  const exercise = inputs['exercise'] as GridOption['exercise'];
  // The European option in the escrowed model is Black-Scholes on the spot less its dividends.
  if (exercise === 'european' && dividendModel === 'escrowed') {
    const spot = option.spot - presentValueOfDividends(dividends, option.rate, 0);
    return orError(europeanPrice({ ...option, spot }), (price) => ({ price }));
  }
  const grid = { space: 1600, time: 800 };
  const result = finiteDifferences({ ...option, exercise, dividends, dividendModel, grid });
  return orError(result, ({ price }) => ({ price }));
}

function continuous(option: EuropeanOption, inputs: Values): Values {
  const european = europeanPrice(option);
  if (!european.ok) return { error: european.error.code };
  const isEuropean = inputs['exercise'] === 'european';
  const result = isEuropean ? europeanGreeks(option) : americanGreeks(option);
  return orError(result, ({ price, delta, gamma }) => ({
    price,
    european_price: european.value,
    delta,
    gamma,
  }));
}

/** Continuous yield by collocation, cash dividends by finite differences, lattices as defined. */
export const american: VectorTopic = {
  file: 'american.json',
  evaluate(inputs) {
    const option = optionOf(inputs);
    if (inputs['tree'] !== undefined) return onLattice(option, inputs);
    if (inputs['dividends'] !== undefined) return withDividends(option, inputs);
    return continuous(option, inputs);
  },
};
