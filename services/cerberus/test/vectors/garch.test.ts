import { garch } from '../../src/vectors/garch.ts';
import { deepDifference, type Tolerance } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/**
 * Given parameters: relative 1e-9. Fits: log-likelihood 1e-3, parameters 2 % or a tenth of a standard
 * error; this maximiser is held to 1e-6, and to 1e-5 on standard errors. DCC fit: parameters 1e-2,
 * next correlation 5e-3.
 */
describeTopic(garch, ({ expected, tags }, computed) => {
  const fit = tags?.includes('maximum-likelihood') === true;
  const dcc = tags?.includes('dcc') === true;
  return deepDifference(computed, expected, (path): Tolerance => {
    if (!fit) return { relative: 1e-9 };
    if (path.startsWith('loglik')) return { absolute: 1e-3 };
    if (dcc) return { absolute: path.startsWith('R') ? 5e-3 : 1e-2 };
    return path.startsWith('standard_errors') ? { relative: 1e-5 } : { relative: 1e-6 };
  });
});
