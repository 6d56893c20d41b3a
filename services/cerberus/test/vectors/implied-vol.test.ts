import { impliedVol } from '../../src/vectors/implied-vol.ts';
import { describeTopic } from './judge.ts';

/** The file's rule: |s − σ| ≤ 1e-10 σ + 4 max(σ_hi − σ, σ − σ_lo); a missing solution by its reason. */
describeTopic(impliedVol, ({ expected }, computed) => {
  const status = expected['status'];
  if (computed['status'] !== status) return `status ${computed['status']}, reference ${status}`;
  if (status !== 'ok') return undefined;
  const [sigma, low, high] = ['sigma', 'sigma_lo', 'sigma_hi'].map(
    (name) => expected[name] as number | null,
  );
  const spread = Math.max((high ?? sigma!) - sigma!, sigma! - (low ?? sigma!));
  const error = Math.abs((computed['sigma'] as number) - sigma!);
  const bound = 1e-10 * sigma! + 4 * spread;
  return error <= bound ? undefined : `sigma ${computed['sigma']}, reference ${sigma} ± ${bound}`;
});
