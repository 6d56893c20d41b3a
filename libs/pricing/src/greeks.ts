/** Calendar days in the year that times in years are counted in: time derivatives are per 1/365 year. */
export const DAYS_PER_YEAR = 365;

export type OptionKind = 'call' | 'put';

/** +1 for a call, −1 for a put: the sign every payoff formula carries. */
export function signOf(kind: OptionKind): 1 | -1 {
  return kind === 'call' ? 1 : -1;
}

/**
 * Price and sensitivities of one option, in the units of the library:
 *
 * | name | meaning | unit |
 * |---|---|---|
 * | price | V | currency per unit of underlying |
 * | delta, gamma, speed | ∂V/∂S, ∂²V/∂S², ∂³V/∂S³ | per 1.00 of spot |
 * | vega, volga, ultima | ∂V/∂σ, ∂²V/∂σ², ∂³V/∂σ³ | per 1.00 of volatility (100 vol points) |
 * | vanna, zomma | ∂²V/∂S∂σ, ∂³V/∂S²∂σ | per 1.00 of each |
 * | theta, charm, veta, color | ∂V/∂t, ∂²V/∂S∂t, ∂²V/∂σ∂t, ∂³V/∂S²∂t | per CALENDAR DAY, time running forward |
 * | rho, dividendRho | ∂V/∂r with q fixed, ∂V/∂q with r fixed | per 1.00 of rate (10,000 bp) |
 * | dualDelta, dualGamma | ∂V/∂K, ∂²V/∂K² | per 1.00 of strike |
 *
 * Times 365 (`perYear`) turns a daily time derivative into the per-year one of the textbooks; −365
 * times it is the derivative in time to expiry.
 */
export interface Greeks {
  readonly price: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  readonly dividendRho: number;
  readonly vanna: number;
  readonly volga: number;
  readonly charm: number;
  readonly veta: number;
  readonly speed: number;
  readonly zomma: number;
  readonly color: number;
  readonly ultima: number;
  readonly dualDelta: number;
  readonly dualGamma: number;
}

/** From per calendar day to per year of calendar time. */
export function perYear(perDay: number): number {
  return perDay * DAYS_PER_YEAR;
}

/** From per year of calendar time to per calendar day. */
export function perDay(perYearValue: number): number {
  return perYearValue / DAYS_PER_YEAR;
}

/** Greeks of many options as columns; all columns have the length of the batch. */
export type GreekColumns = { readonly [Name in keyof Greeks]: Float64Array };

export const GREEK_NAMES = [
  'price',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'veta',
  'speed',
  'zomma',
  'color',
  'ultima',
  'dualDelta',
  'dualGamma',
] as const satisfies readonly (keyof Greeks)[];

/** Columns for `length` options in one block of memory. */
export function allocateGreekColumns(length: number): GreekColumns {
  const block = new Float64Array(length * GREEK_NAMES.length);
  return Object.fromEntries(
    GREEK_NAMES.map((name, index) => [name, block.subarray(index * length, (index + 1) * length)]),
  ) as unknown as GreekColumns;
}

/** One row of the columns as an object. */
export function greeksAt(columns: GreekColumns, row: number): Greeks {
  return {
    price: columns.price[row]!,
    delta: columns.delta[row]!,
    gamma: columns.gamma[row]!,
    vega: columns.vega[row]!,
    theta: columns.theta[row]!,
    rho: columns.rho[row]!,
    dividendRho: columns.dividendRho[row]!,
    vanna: columns.vanna[row]!,
    volga: columns.volga[row]!,
    charm: columns.charm[row]!,
    veta: columns.veta[row]!,
    speed: columns.speed[row]!,
    zomma: columns.zomma[row]!,
    color: columns.color[row]!,
    ultima: columns.ultima[row]!,
    dualDelta: columns.dualDelta[row]!,
    dualGamma: columns.dualGamma[row]!,
  };
}
