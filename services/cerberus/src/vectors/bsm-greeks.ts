import { type EuropeanOption, europeanGreeks, perYear } from '@cerberus/pricing';
import type { VectorTopic } from './topic.ts';

/** The file stores magnitudes below this as zero (`conventions.underflow`). */
const UNDERFLOW = 1e-300;

/** The option of a case under the short names the vector files use. */
export function optionOf(inputs: Readonly<Record<string, unknown>>): EuropeanOption {
  return {
    kind: inputs['type'] as EuropeanOption['kind'],
    spot: inputs['S'] as number,
    strike: inputs['K'] as number,
    timeYears: inputs['T'] as number,
    rate: inputs['r'] as number,
    dividendYield: inputs['q'] as number,
    volatility: inputs['sigma'] as number,
  };
}

/** Black-Scholes-Merton price and sensitivities; times derivatives per year, as the file states. */
export const bsmGreeks: VectorTopic = {
  file: 'bsm_greeks.json',
  evaluate(inputs) {
    const option = optionOf(inputs);
    const result = europeanGreeks(option);
    if (!result.ok) return { error: result.error.code };
    const greeks = result.value;
    const values = {
      price: greeks.price,
      delta: greeks.delta,
      gamma: greeks.gamma,
      vega: greeks.vega,
      theta: perYear(greeks.theta),
      rho: greeks.rho,
      rho_q: greeks.dividendRho,
      vanna: greeks.vanna,
      volga: greeks.volga,
      charm_dT: -perYear(greeks.charm),
      charm: perYear(greeks.charm),
      speed: greeks.speed,
      zomma: greeks.zomma,
      color_dT: -perYear(greeks.color),
      color: perYear(greeks.color),
      veta_dT: -perYear(greeks.veta),
      ultima: greeks.ultima,
      dual_delta: greeks.dualDelta,
      dual_gamma: greeks.dualGamma,
      ...(greeks.price > 0 && { elasticity: (greeks.delta * option.spot) / greeks.price }),
    };
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        Math.abs(value) < UNDERFLOW ? 0 : value,
      ]),
    );
  },
};
