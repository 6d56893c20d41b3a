import { tCopula } from '../../src/vectors/t-copula.ts';
import { deepDifference, type Tolerance } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** The file's rule for fits: nu 2 %, rho 1e-3, loglik 1e-3; tail dependence follows from the two. */
const FIT: Readonly<Record<string, Tolerance>> = {
  nu: { relative: 0.02 },
  rho: { absolute: 1e-3 },
  loglik: { absolute: 1e-3 },
  tail_dependence: { relative: 0.02 },
};

describeTopic(tCopula, ({ expected, tags }, computed) => {
  const fit = tags?.includes('maximum-likelihood') === true;
  return deepDifference(computed, expected, (path) => {
    if (fit && FIT[path] !== undefined) return FIT[path];
    return path === 'loglik' ? { absolute: 1e-6 } : { relative: 1e-8, absolute: 1e-15 };
  });
});
