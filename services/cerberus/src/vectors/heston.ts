import {
  type HestonParameters,
  hestonCharacteristic,
  hestonMoments,
  hestonValue,
  impliedVolatility,
} from '@cerberus/pricing';
import type { VectorTopic } from './topic.ts';

/** The file gives no implied volatility for out-of-the-money values below this. */
const VALUE_MIN = 1e-22;

type Inputs = Readonly<Record<string, unknown>>;

/** The model of a case under the short names the vector files use. */
export function hestonParametersOf(inputs: Inputs): HestonParameters {
  return {
    variance: inputs['v0'] as number,
    meanReversion: inputs['kappa'] as number,
    longRunVariance: inputs['theta'] as number,
    volatilityOfVariance: inputs['sigma'] as number,
    correlation: inputs['rho'] as number,
  };
}

function characteristicFunction(inputs: Inputs): Inputs {
  const u = { real: inputs['u_re'] as number, imaginary: inputs['u_im'] as number };
  const result = hestonCharacteristic(hestonParametersOf(inputs), inputs['T'] as number, u);
  if (!result.ok) return { error: result.error.code };
  return { cf_re: result.value.real, cf_im: result.value.imaginary };
}

function moments(inputs: Inputs): Inputs {
  const result = hestonMoments(hestonParametersOf(inputs), inputs['T'] as number);
  if (!result.ok) return { error: result.error.code };
  const { cumulants, meanVariance, varianceOfVariance, meanIntegratedVariance } = result.value;
  const [c1, c2, c3, c4] = cumulants;
  return {
    c1,
    c2,
    c3,
    c4,
    mean_v: meanVariance,
    var_v: varianceOfVariance,
    mean_integrated_v: meanIntegratedVariance,
  };
}

/** Implied volatility of the out-of-the-money option, on the forward so that no digit is lost. */
function impliedVolatilityOf(inputs: Inputs, overForward: number): number | null {
  const [spot, strike, timeYears] = ['S', 'K', 'T'].map((name) => inputs[name] as number) as [
    number,
    number,
    number,
  ];
  const [rate, dividendYield] = [inputs['r'] as number, inputs['q'] as number];
  if (overForward * spot * Math.exp(-dividendYield * timeYears) < VALUE_MIN) return null;
  const ratio = (strike / spot) * Math.exp((dividendYield - rate) * timeYears);
  const result = impliedVolatility({
    kind: ratio < 1 ? 'put' : 'call',
    spot: 1,
    strike: ratio,
    timeYears,
    rate: 0,
    dividendYield: 0,
    price: overForward,
  });
  return result.ok ? result.value : null;
}

function option(inputs: Inputs): Inputs {
  const result = hestonValue({
    spot: inputs['S'] as number,
    strike: inputs['K'] as number,
    timeYears: inputs['T'] as number,
    rate: inputs['r'] as number,
    dividendYield: inputs['q'] as number,
    parameters: hestonParametersOf(inputs),
  });
  if (!result.ok) return { error: result.error.code };
  const value = result.value;
  return {
    call: value.call,
    put: value.put,
    implied_vol: impliedVolatilityOf(inputs, value.outOfTheMoney),
    P1: value.shareProbability,
    P2: value.strikeProbability,
    delta_call: value.deltaCall,
    gamma: value.gamma,
    dV_dv0: value.varianceVega,
  };
}

/** Semi-analytic values, characteristic function, cumulants and variance moments. */
export const heston: VectorTopic = {
  file: 'heston.json',
  evaluate(inputs) {
    if (inputs['u_re'] !== undefined) return characteristicFunction(inputs);
    if (inputs['K'] === undefined) return moments(inputs);
    return option(inputs);
  },
};
