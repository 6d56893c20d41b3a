import { performanceRatios } from '../../src/vectors/performance.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-9, absolute 1e-12. */
describeTopic(performanceRatios, ({ expected }, computed) =>
  deepDifference(computed, expected, () => ({ relative: 1e-9, absolute: 1e-12 })),
);
