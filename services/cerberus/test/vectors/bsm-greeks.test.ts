import { bsmGreeks } from '../../src/vectors/bsm-greeks.ts';
import { describeTopic, firstDifference } from './judge.ts';

/** The strict rule of the file: 1e-8 relative for every quantity (60-digit references). */
describeTopic(bsmGreeks, (item, computed) =>
  firstDifference(item, computed, () => ({ relative: 1e-8 })),
);
