import { varEs } from '../../src/vectors/var-es.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-10; 1e-9 for Student-t at 0.9999. The absolute part is rounding about a zero skewness. */
describeTopic(varEs, ({ expected, inputs }, computed) =>
  deepDifference(computed, expected, () => ({
    relative: inputs['confidence'] === 0.9999 ? 1e-9 : 1e-10,
    absolute: 1e-15,
  })),
);
