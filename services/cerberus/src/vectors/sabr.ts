import { unwrap } from '@cerberus/core';
import { europeanPrice } from '@cerberus/pricing';
import {
  alphaFromAtTheMoney,
  fitSabr,
  type SabrParameters,
  sabrDensity,
  sabrVolatilities,
} from '@cerberus/surface';
import { numberOf, numbersOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

function parametersOf(inputs: Inputs): SabrParameters {
  return {
    alpha: numberOf(inputs, 'alpha'),
    beta: numberOf(inputs, 'beta'),
    nu: numberOf(inputs, 'nu'),
    rho: numberOf(inputs, 'rho'),
    shift: inputs['shift'] === undefined ? 0 : numberOf(inputs, 'shift'),
  };
}

function pointValues(inputs: Inputs): Inputs {
  const parameters = parametersOf(inputs);
  const [forward, strike, timeYears] = ['f', 'K', 'T'].map((name) => numberOf(inputs, name)) as [
    number,
    number,
    number,
  ];
  const values = unwrap(sabrVolatilities(parameters, { forward, strike, timeYears }));
  const shift = parameters.shift ?? 0;
  const call = europeanPrice({
    kind: 'call',
    spot: forward + shift,
    strike: strike + shift,
    timeYears,
    rate: 0,
    dividendYield: 0,
    volatility: values.lognormal,
  });
  return {
    lognormal_vol: values.lognormal,
    normal_vol: values.normal,
    lognormal_vol_obloj: values.obloj,
    undiscounted_call: unwrap(call),
  };
}

function calibrationValues(inputs: Inputs): Inputs {
  const beta = inputs['beta_fixed'];
  const fit = unwrap(
    fitSabr(
      {
        forward: numberOf(inputs, 'f'),
        timeYears: numberOf(inputs, 'T'),
        strikes: numbersOf(inputs, 'strikes'),
        volatilities: numbersOf(inputs, 'lognormal_vols'),
      },
      {
        shift: inputs['shift'] === undefined ? 0 : numberOf(inputs, 'shift'),
        ...(typeof beta === 'number' ? { beta } : {}),
      },
    ),
  );
  const { alpha, nu, rho } = fit.parameters;
  return { alpha, nu, rho, beta: fit.parameters.beta, max_vol_residual: fit.maximumError };
}

function densityValues(inputs: Inputs): Inputs {
  const density = unwrap(
    sabrDensity(
      parametersOf(inputs),
      { forward: numberOf(inputs, 'f'), timeYears: numberOf(inputs, 'T') },
      numbersOf(inputs, 'strikes'),
    ),
  );
  return {
    density: density.densities,
    has_negative_density_below_forward: density.zeroStrike !== undefined,
    density_zero_strike: density.zeroStrike ?? null,
  };
}

/** SABR: volatilities, calibration, the level from the at-the-money volatility, implied density. */
export const sabr: VectorTopic = {
  file: 'sabr.json',
  evaluate: (inputs) =>
    valuesOrCode(() => {
      if (inputs['lognormal_vols'] !== undefined) return calibrationValues(inputs);
      if (inputs['strikes'] !== undefined) return densityValues(inputs);
      if (inputs['atm_lognormal_vol'] === undefined) return pointValues(inputs);
      const alpha = alphaFromAtTheMoney(
        numberOf(inputs, 'atm_lognormal_vol'),
        { forward: numberOf(inputs, 'f'), timeYears: numberOf(inputs, 'T') },
        parametersOf(inputs),
      );
      return { alpha: unwrap(alpha) };
    }),
};
