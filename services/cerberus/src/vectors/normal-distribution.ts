import {
  erf,
  erfc,
  normalCdf,
  normalLogCdf,
  normalPdf,
  normalQuantile,
  normalSf,
} from '@cerberus/stats';
import { numberOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

/** Density, both tails and quantile of the standard normal law. */
export const normalDistribution: VectorTopic = {
  file: 'normal_distribution.json',
  evaluate: (inputs) =>
    valuesOrCode(() => {
      if (inputs['p'] !== undefined) return { x: normalQuantile(numberOf(inputs, 'p')) };
      const x = numberOf(inputs, 'x');
      return {
        pdf: normalPdf(x),
        cdf: normalCdf(x),
        sf: normalSf(x),
        log_cdf: normalLogCdf(x),
        erf: erf(x),
        erfc: erfc(x),
      };
    }),
};
