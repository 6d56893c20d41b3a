import { unitRootAndCointegration } from '../../src/vectors/adf-coint.ts';
import { deepDifference } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** Statistics relative 1e-8, p-values 1e-6, critical values 1e-3. */
describeTopic(unitRootAndCointegration, ({ expected }, computed) =>
  deepDifference(computed, expected, (path) => {
    if (path.startsWith('p_value')) return { absolute: 1e-6 };
    if (path.startsWith('critical') || path.startsWith('osterwald')) return { absolute: 1e-3 };
    return { relative: 1e-8, absolute: 1e-12 };
  }),
);
