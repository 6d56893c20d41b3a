import { europeanPrice } from '@cerberus/pricing';
import { optionOf } from '../../src/vectors/bsm-greeks.ts';
import { mcReference } from '../../src/vectors/mc-reference.ts';
import { describeTopic, firstDifference } from './judge.ts';

/**
 * The file's rule: |MC − ref| ≤ 4 reported standard errors, and the reported error within 5 % of the
 * theoretical one where it is given. The closed forms themselves are held to 1e-12.
 */
describeTopic(mcReference, (item, computed) => {
  const closed = firstDifference(item, computed, () => ({ relative: 1e-12, absolute: 1e-14 }));
  if (closed !== undefined) return closed;
  const [value, error, paths] = ['mc_price', 'mc_standard_error', 'mc_paths'].map(
    (name) => computed[name] as number,
  ) as [number, number, number];
  const deviation = item.expected['call_payoff_sd_discounted'] as number | undefined;
  const call = europeanPrice({ ...optionOf(item.inputs), kind: 'call' });
  const reference =
    deviation === undefined
      ? (item.expected['price'] as number)
      : call.ok
        ? call.value
        : Number.NaN;
  if (!(Math.abs(value - reference) <= 4 * error)) {
    return `simulated ${value} ± ${error}, reference ${reference}`;
  }
  if (deviation === undefined) return undefined;
  const ratio = error / (deviation / Math.sqrt(paths));
  return Math.abs(ratio - 1) < 0.05 ? undefined : `standard error ${ratio} of the theoretical one`;
});
