import { transactionCost } from '../../src/vectors/tca.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-10, absolute 1e-9. */
describeTopic(transactionCost, ({ expected }, computed) =>
  deepDifference(computed, expected, () => ({ relative: 1e-10, absolute: 1e-9 })),
);
