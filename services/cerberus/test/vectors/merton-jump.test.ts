import { mertonJump } from '../../src/vectors/merton-jump.ts';
import { describeTopic, isNear } from './judge.ts';

/**
 * The file's rule for the series: 1e-9 S on every value. `series_terms` says how many terms the
 * reference summed under its own stopping rule and is no property of the price.
 */
describeTopic(mertonJump, ({ inputs, expected }, computed) => {
  const absolute = 1e-9 * (inputs['S'] as number);
  for (const name of ['call', 'put', 'delta_call', 'gamma', 'vega']) {
    if (!isNear(computed[name], expected[name], { absolute })) {
      return `${name}: computed ${computed[name]}, reference ${expected[name]}`;
    }
  }
  return undefined;
});
