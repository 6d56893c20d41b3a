import { type MertonOption, mertonValue } from '@cerberus/pricing';
import { optionOf } from './bsm-greeks.ts';
import type { VectorTopic } from './topic.ts';

/** Merton's series; the number of terms is what this summation used. */
export const mertonJump: VectorTopic = {
  file: 'merton_jump.json',
  evaluate(inputs) {
    const jumps: MertonOption['jumps'] = {
      intensity: inputs['lambda'] as number,
      logMean: inputs['mu_jump'] as number,
      logDeviation: inputs['delta_jump'] as number,
    };
    const call = mertonValue({ ...optionOf(inputs), kind: 'call', jumps });
    const put = mertonValue({ ...optionOf(inputs), kind: 'put', jumps });
    if (!call.ok) return { error: call.error.code };
    if (!put.ok) return { error: put.error.code };
    return {
      call: call.value.price,
      put: put.value.price,
      delta_call: call.value.delta,
      gamma: call.value.gamma,
      vega: call.value.vega,
      series_terms: call.value.terms,
    };
  },
};
