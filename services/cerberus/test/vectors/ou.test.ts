import { ornsteinUhlenbeck } from '../../src/vectors/ou.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-9; 1e-7 on kappa and what hangs on it for the near-random-walk. */
describeTopic(ornsteinUhlenbeck, ({ id, expected }, computed) =>
  deepDifference(computed, expected, () => ({
    relative: id.includes('near-random-walk') ? 1e-7 : 1e-9,
  })),
);
