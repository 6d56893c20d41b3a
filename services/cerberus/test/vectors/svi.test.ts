import { sviTotalVariance } from '@cerberus/surface';
import { svi } from '../../src/vectors/svi.ts';
import { deepDifference, type Tolerance } from './deep-difference.ts';
import { describeTopic } from './judge.ts';

type Raw = Parameters<typeof sviTotalVariance>[0];

function toleranceOf(path: string): Tolerance {
  if (path.startsWith('g_zero') || path.startsWith('crossings')) return { absolute: 1e-6 };
  // The place of a minimum is determined to the root of the precision of its value.
  if (path === 'g_argmin') return { absolute: 1e-6 };
  if (path === 'g_min_on_m3_p3') return { relative: 1e-6 };
  // The file prints 40-digit values at doubles: near a zero only the absolute size is determined.
  return { relative: 1e-10, absolute: 1e-15 };
}

/** Largest difference of total variance between two slices over the quotes. */
function distance(one: Raw, other: Raw, places: readonly number[]): number {
  return Math.max(
    ...places.map((k) => Math.abs(sviTotalVariance(one, k) - sviTotalVariance(other, k))),
  );
}

/**
 * The file's rule: formulas 1e-10 relative; g and crossings 1e-6; exact data: w to 1e-8 and parameters to
 * 1e-4; noisy data: objective within 1 % and w(k) to 1e-4.
 */
describeTopic(svi, ({ inputs, expected, tags = [] }, computed) => {
  if (!tags.includes('calibration')) return deepDifference(computed, expected, toleranceOf);
  if (computed['error'] !== undefined) return String(computed['error']);
  const far = distance(
    computed as unknown as Raw,
    expected as unknown as Raw,
    inputs['k'] as number[],
  );
  if (tags.includes('noisy-data')) {
    const [sum, best] = [computed['sum_squared_error'], expected['sum_squared_error']] as number[];
    if (!(sum! <= 1.01 * best!)) return `sum_squared_error ${sum}, reference ${best}`;
    return far <= 1e-4 ? undefined : `w(k) is ${far} away`;
  }
  if (!(far <= 1e-8)) return `w(k) is ${far} away`;
  const { rmse_total_variance: _, ...parameters } = expected;
  return deepDifference(computed, parameters, () => ({ relative: 1e-4, absolute: 1e-4 }));
});
