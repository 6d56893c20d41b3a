import { american } from '../../src/vectors/american.ts';
import { describeTopic, firstDifference } from './judge.ts';

/**
 * The file's rule: price within `tol_abs`, delta 1e-4 absolute, gamma 1e-3 relative, with 1e-6 absolute
 * for gammas that are the noise of the reference (1e-24 and below far from the strike). Moves and
 * probabilities of lattices are closed forms.
 */
describeTopic(american, (item, computed) =>
  firstDifference(item, computed, (name) => {
    const priceTolerance = item['tol_abs'] as number;
    const isLattice = item.inputs['tree'] !== undefined;
    if (name === 'price' || name === 'european_price') return { absolute: priceTolerance };
    if (name === 'delta') return { absolute: isLattice ? priceTolerance : 1e-4 };
    if (name === 'gamma') return { relative: 1e-3, absolute: 1e-6 };
    return { relative: 1e-12 };
  }),
);
