import { unwrap } from '@cerberus/core';
import { europeanPrice } from '@cerberus/pricing';
import { type Deviation, deviations, ratioOf, type Tolerance } from './deviation.ts';
import { exactCalibration, noisyCalibration } from './svi-calibration.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Case {
  readonly id: string;
  readonly inputs: Values;
  readonly expected: Values;
  readonly tags?: readonly string[];
  readonly tol_abs?: number;
}

/** The tolerance of one vector file as it states it, and what this judge adds where it states none. */
export interface Rule {
  readonly statement: string;
  judge(item: Case, computed: Values): Deviation[];
}

const numberOf = (values: Values, name: string): number => values[name] as number;
const has = ({ tags }: Case, tag: string): boolean => tags?.includes(tag) === true;

/** A rule that gives each value its tolerance by name. */
function byName(
  statement: string,
  toleranceOf: (path: string, item: Case) => Tolerance | undefined,
): Rule {
  return {
    statement,
    judge: (item, computed) =>
      deviations(computed, item.expected, (path) => toleranceOf(path, item)),
  };
}

const american = byName(
  'price within `tol_abs` of the case, delta 1e-4, gamma 1e-3 relative (1e-6 absolute where the reference is its own noise); moves and probabilities of lattices 1e-12',
  (path, { inputs, tol_abs: absolute }) => {
    if (path === 'price' || path === 'european_price') return { absolute: absolute! };
    if (path === 'delta') return { absolute: inputs['tree'] === undefined ? 1e-4 : absolute! };
    return path === 'gamma' ? { relative: 1e-3, absolute: 1e-6 } : { relative: 1e-12 };
  },
);

const heston = byName(
  'price 1e-8 S, delta and probabilities 1e-7, implied volatility 1e-6, characteristic function 1e-11, cumulants and moments 1e-8 relative; gamma and variance vega (no rule of their own) 1e-7 relative',
  (path, { inputs }) => {
    if (path === 'call' || path === 'put') return { absolute: 1e-8 * numberOf(inputs, 'S') };
    if (path === 'implied_vol') return { absolute: 1e-6 };
    if (path.startsWith('cf_')) return { absolute: 1e-11 };
    if (path === 'gamma' || path === 'dV_dv0') return { relative: 1e-7, absolute: 1e-12 };
    return ['P1', 'P2', 'delta_call'].includes(path) ? { absolute: 1e-7 } : { relative: 1e-8 };
  },
);

const impliedVol: Rule = {
  statement: '1e-10 σ + 4 max(σ_hi − σ, σ − σ_lo); where there is no solution, its reason',
  judge({ expected }, computed) {
    const status = { path: 'status', ratio: ratioOf(computed['status'], expected['status'], {}) };
    if (expected['status'] !== 'ok') return [status];
    const sigma = numberOf(expected, 'sigma');
    const [low, high] = [expected['sigma_lo'] ?? sigma, expected['sigma_hi'] ?? sigma] as number[];
    const spread = Math.max(high! - sigma, sigma - low!);
    const tolerance = { absolute: 1e-10 * sigma + 4 * spread };
    return [status, { path: 'sigma', ratio: ratioOf(computed['sigma'], sigma, tolerance) }];
  },
};

const garch = byName(
  'given parameters 1e-9 relative; fits: log-likelihood 1e-3, parameters 2 % (held to 1e-6 here, standard errors to 1e-5); DCC fit: parameters 1e-2, next correlation 5e-3',
  (path, item) => {
    if (!has(item, 'maximum-likelihood')) return { relative: 1e-9 };
    if (path.startsWith('loglik')) return { absolute: 1e-3 };
    if (has(item, 'dcc')) return { absolute: path.startsWith('R') ? 5e-3 : 1e-2 };
    return path.startsWith('standard_errors') ? { relative: 1e-5 } : { relative: 1e-6 };
  },
);

/** The terminal-law cases simulate the call, whose price they do not state. */
function callPrice(inputs: Values): number {
  const [spot, strike, timeYears] = ['S', 'K', 'T'].map((name) => numberOf(inputs, name));
  const [rate, dividendYield] = [numberOf(inputs, 'r'), numberOf(inputs, 'q')];
  const market = { timeYears: timeYears!, rate, dividendYield };
  const contract = { kind: 'call' as const, spot: spot!, strike: strike! };
  return unwrap(europeanPrice({ ...contract, ...market, volatility: numberOf(inputs, 'sigma') }));
}

/** The closed forms, and the simulation beside them against its own reported standard error. */
const mcReference: Rule = {
  statement:
    'simulation within 4 reported standard errors, the reported error within 5 % of the theoretical one where it is given; closed forms held to 1e-12',
  judge({ inputs, expected }, computed) {
    const closed = deviations(computed, expected, () => ({ relative: 1e-12, absolute: 1e-14 }));
    const error = numberOf(computed, 'mc_standard_error');
    const exact = expected['price'] ?? callPrice(inputs);
    const simulated = ratioOf(computed['mc_price'], exact, { absolute: 4 * error });
    const deviation = expected['call_payoff_sd_discounted'];
    const theory = numberOf(expected, 'call_payoff_sd_discounted');
    const reported = error * Math.sqrt(numberOf(computed, 'mc_paths'));
    const judged = [...closed, { path: 'mc_price', ratio: simulated }];
    if (deviation === undefined) return judged;
    const ratio = ratioOf(reported, theory, { relative: 0.05 });
    return [...judged, { path: 'mc_standard_error', ratio }];
  },
};

/**
 * Two stored values carry the noise of 50-digit arithmetic and are read as what they mean: ln Φ(x) for
 * x > 12, which is −sf(x), and the quantile of ½, which is 0. Below the smallest normal double a value
 * has fewer digits than a tolerance can ask for.
 */
const normalDistribution: Rule = {
  statement:
    '1e-12 relative (|x| ≤ 37), quantiles 1e-12, 1e-9 close to p = 1; ln Φ(x > 12) is read as −sf(x) and the quantile of ½ as 0, which the file stores with the noise of its 50 digits',
  judge({ inputs, expected }, computed) {
    return Object.keys(expected).map((name) => {
      const isTail = name === 'log_cdf' && numberOf(inputs, 'x') > 12;
      const stored = isTail ? -numberOf(expected, 'sf') : numberOf(expected, name);
      const reference = inputs['p'] === 0.5 ? 0 : stored;
      const tolerance = {
        relative: numberOf(inputs, 'p') >= 0.999 ? 1e-9 : 1e-12,
        absolute: Math.abs(reference) < 2.3e-308 ? 1e-320 : 0,
      };
      return { path: name, ratio: ratioOf(computed[name], reference, tolerance) };
    });
  },
};

const sabr = byName(
  'volatilities 1e-10 relative; calibration: volatilities 1e-6, parameters 1e-4 (ρ 1e-2 where the published ν = 0.02 hardly determines it); densities 1e-4, signs exact',
  (path, item) => {
    if (path === 'max_vol_residual') return { absolute: 1e-6 };
    if (path === 'rho' && has(item, 'published')) return { absolute: 1e-2 };
    if (has(item, 'calibration') || path.startsWith('density')) return { relative: 1e-4 };
    return { relative: 1e-10 };
  },
);

const svi: Rule = {
  statement:
    'formulas 1e-10 relative; g, its minimum and crossings 1e-6; exact data: w 1e-8, parameters 1e-4; noisy data: objective within 1 %, w 1e-4',
  judge(item, computed) {
    if (has(item, 'noisy-data')) return noisyCalibration(item, computed);
    if (has(item, 'calibration')) return exactCalibration(item, computed);
    return deviations(computed, item.expected, (path) => {
      if (/^(g_zero|crossings|g_argmin)/.test(path)) return { absolute: 1e-6 };
      if (path === 'g_min_on_m3_p3') return { relative: 1e-6 };
      return { relative: 1e-10, absolute: 1e-15 };
    });
  },
};

const FIT: Readonly<Record<string, Tolerance>> = {
  nu: { relative: 0.02 },
  rho: { absolute: 1e-3 },
  loglik: { absolute: 1e-3 },
  tail_dependence: { relative: 0.02 },
};

/** By file name. */
export const RULES: Readonly<Record<string, Rule>> = {
  'adf_coint.json': byName(
    'statistics 1e-8 relative, p-values 1e-6, critical values 1e-3',
    (path) => {
      if (path.startsWith('p_value')) return { absolute: 1e-6 };
      if (/^(critical|osterwald)/.test(path)) return { absolute: 1e-3 };
      return { relative: 1e-8, absolute: 1e-12 };
    },
  ),
  'almgren_chriss.json': byName('1e-9 relative, holdings 1e-9 |X|', (path, { inputs }) =>
    path.includes('holdings')
      ? { absolute: 1e-9 * Math.abs(numberOf(inputs, 'X')) }
      : { relative: 1e-9, absolute: 1e-12 },
  ),
  'american.json': american,
  'bsm_greeks.json': byName('1e-8 relative for every quantity (the strict rule)', () => ({
    relative: 1e-8,
  })),
  'garch.json': garch,
  'heston.json': heston,
  'implied_vol.json': impliedVol,
  'kupiec_christoffersen.json': byName(
    '1e-9 relative on likelihood ratios (1e-9 absolute near 0), 1e-9 on p-values',
    (path) => (path.startsWith('p_') ? { absolute: 1e-9 } : { relative: 1e-9, absolute: 1e-9 }),
  ),
  'local_vol.json': byName(
    'analytic surface 1e-8 relative, implied volatility and call 1e-9',
    (path) => ({ relative: /^(call|implied_vol)/.test(path) ? 1e-9 : 1e-8 }),
  ),
  'mc_reference.json': mcReference,
  'merton_jump.json': byName(
    '1e-9 S on every value (`series_terms`, the count of the reference’s own stopping rule, is left out)',
    (path, { inputs }) =>
      path === 'series_terms' ? undefined : { absolute: 1e-9 * numberOf(inputs, 'S') },
  ),
  'normal_distribution.json': normalDistribution,
  'ou.json': byName('1e-9 relative, 1e-7 for the near-random-walk', (_, { id }) => ({
    relative: id.includes('near-random-walk') ? 1e-7 : 1e-9,
  })),
  'performance.json': byName('1e-9 relative, 1e-12 absolute', () => ({
    relative: 1e-9,
    absolute: 1e-12,
  })),
  'sabr.json': sabr,
  'svi.json': svi,
  't_copula.json': byName(
    'tail dependence, density, cdf 1e-8 relative; log-likelihood 1e-6; fits: ν 2 %, ρ and log-likelihood 1e-3',
    (path, item) => {
      if (has(item, 'maximum-likelihood') && FIT[path] !== undefined) return FIT[path];
      return path === 'loglik' ? { absolute: 1e-6 } : { relative: 1e-8, absolute: 1e-15 };
    },
  ),
  'tca.json': byName('1e-10 relative, 1e-9 absolute', () => ({ relative: 1e-10, absolute: 1e-9 })),
  'var_es.json': byName(
    '1e-10 relative, 1e-9 for Student-t at 0.9999 (1e-15 absolute about a zero)',
    (_, { inputs }) => ({
      relative: inputs['confidence'] === 0.9999 ? 1e-9 : 1e-10,
      absolute: 1e-15,
    }),
  ),
};
