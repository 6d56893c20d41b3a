import { heston } from '../../src/vectors/heston.ts';
import { describeTopic, firstDifference } from './judge.ts';

/**
 * The file's rule for semi-analytic values: prices 1e-8 S, delta and probabilities 1e-7, implied
 * volatility 1e-6, characteristic function 1e-11, cumulants and moments 1e-8 relative. Gamma and the
 * variance vega have no rule of their own and are held to 1e-7 relative.
 */
describeTopic(heston, (item, computed) =>
  firstDifference(item, computed, (name) => {
    if (name === 'call' || name === 'put') return { absolute: 1e-8 * (item.inputs['S'] as number) };
    if (name === 'implied_vol') return { absolute: 1e-6 };
    if (name.startsWith('cf_')) return { absolute: 1e-11 };
    if (name === 'gamma' || name === 'dV_dv0') return { relative: 1e-7, absolute: 1e-12 };
    if (['P1', 'P2', 'delta_call'].includes(name)) return { absolute: 1e-7 };
    return { relative: 1e-8 };
  }),
);
