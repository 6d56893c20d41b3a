import { kupiecChristoffersen } from '../../src/vectors/kupiec-christoffersen.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-9 on likelihood ratios (absolute 1e-9 near 0), absolute 1e-9 on p-values. */
describeTopic(kupiecChristoffersen, ({ expected }, computed) =>
  deepDifference(computed, expected, (path) =>
    path.startsWith('p_') ? { absolute: 1e-9 } : { relative: 1e-9, absolute: 1e-9 },
  ),
);
