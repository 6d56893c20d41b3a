import { almgrenChriss } from '../../src/vectors/almgren-chriss.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Relative 1e-9; holdings and trades to 1e-9 of the programme. */
describeTopic(almgrenChriss, ({ expected, inputs }, computed) =>
  deepDifference(computed, expected, (path) =>
    path.includes('holdings')
      ? { absolute: 1e-9 * Math.abs(inputs['X'] as number) }
      : { relative: 1e-9, absolute: 1e-12 },
  ),
);
