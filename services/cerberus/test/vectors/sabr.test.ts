import { sabr } from '../../src/vectors/sabr.ts';
import { deepDifference, type Tolerance } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

/** ν = 0.02 hardly determines ρ: the file gives it 1e-2, and 5e-8 on volatilities. */
const isPublished = (tags: readonly string[]) => tags.includes('published');

/**
 * The file's rule: 1e-10 relative on volatilities and what follows from them; calibrated volatilities
 * to 1e-6 and parameters to 1e-4; densities 1e-4 with their signs.
 */
describeTopic(sabr, ({ expected, tags = [] }, computed) => {
  const toleranceOf = (path: string): Tolerance => {
    if (path === 'max_vol_residual') return { absolute: 1e-6 };
    if (path === 'rho' && isPublished(tags)) return { absolute: 1e-2 };
    if (tags.includes('calibration')) return { relative: 1e-4 };
    if (path.startsWith('density')) return { relative: 1e-4 };
    return { relative: 1e-10 };
  };
  return deepDifference(computed, expected, toleranceOf);
});
