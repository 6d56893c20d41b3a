import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, faultOfNumber, PRICING_ERRORS } from './errors.ts';
import { hestonValue } from './heston.ts';
import {
  faultOfHeston,
  type HestonParameters,
  hestonLogCharacteristic,
  logCharacteristic,
} from './heston-characteristic.ts';
import { hestonCumulants } from './heston-moments.ts';

/** One expiry of a Heston or Bates model, all strikes at once. */
export interface HestonStrip {
  /** Forward price for the expiry. */
  readonly forward: number;
  /** Discount factor e^{−rT}; 1 gives undiscounted prices. */
  readonly discount: number;
  readonly timeYears: number;
  readonly parameters: HestonParameters;
}

/** Columns of a strip, all of one length; `sign` is +1 call, −1 put. */
export interface StripColumns {
  readonly sign: Int8Array;
  readonly strike: Float64Array;
  /** Written. */
  readonly price: Float64Array;
}

const RULES = { forward: 'positive', discount: 'positive', timeYears: 'positive' } as const;

/** Half-width of the interval in deviations √(c₂ + √c₄). */
const DEVIATIONS = 14;
const TERMS_MAX = 8192;
/** The series ends after some terms whose characteristic function is below this. */
const NEGLIGIBLE = 1e-14;
const QUIET_TERMS = 4;

/** Coefficients of the expansion, kept between strips. */
const cosines = new Float64Array(TERMS_MAX);
const sines = new Float64Array(TERMS_MAX);
const scratch = logCharacteristic();
const argument = { real: 0, imaginary: 0 };

/**
 * Prices of a strip by the COS method: the density of X = ln(S_T/F) is expanded in cosines on an
 * interval set by its cumulants, once per expiry; each strike then takes two Clenshaw sums. Puts are
 * expanded and calls follow by parity, so that the upper tail costs nothing. As many terms are taken as
 * the characteristic function needs to fade to 1e-14 (8,192 at most).
 *
 * Accuracy: 1e-8 of the forward (measured against the saddle-point contour of `hestonValue` in the
 * tests). Gives the number of terms used,
 * 0 where the expansion does not serve and every strike took its own contour. Faults name the field or the row.
 *
 * Source: F. Fang, C. Oosterlee, "A novel pricing method for European options based on Fourier-cosine
 * series expansions", SIAM J. Sci. Comp. 31 (2008) 826-848, with cumulants of `hestonMoments`.
 */
export function hestonStripPrices(strip: HestonStrip, columns: StripColumns): Result<number> {
  const fault =
    faultOfFields(strip, RULES) ?? faultOfHeston(strip.parameters) ?? faultOfColumns(columns);
  if (fault !== undefined) return fail(fault);
  const { parameters, timeYears, forward, discount } = strip;
  const [c1, c2, , c4] = hestonCumulants(parameters, timeYears);
  const { jumps } = parameters;
  // A rare jump hardly moves the cumulants; the interval must hold it all the same.
  const jumpReach = jumps === undefined ? 0 : 4 * Math.abs(jumps.logMean) + 9 * jumps.logDeviation;
  const spread = Math.sqrt(Math.abs(c2) + Math.sqrt(Math.abs(c4)));
  const reach = DEVIATIONS * spread + jumpReach + 1e-12;
  const [low, width] = [c1 - reach, 2 * reach];
  const terms = expand(strip, low, width);
  if (terms === undefined) return pricesOneByOne(strip, columns);
  const edge = Math.exp(low);
  let constant = 0;
  for (let k = 0; k < terms; k += 1) constant += cosines[k]!;
  for (let row = 0; row < columns.strike.length; row += 1) {
    const strike = columns.strike[row]!;
    const fault = faultOfNumber(strike, 'positive', `row ${row} strike`);
    if (fault !== undefined) return fail(fault);
    const ratio = strike / forward;
    const position = Math.log(ratio) - low;
    let put = 0;
    if (position >= width) put = ratio - 1;
    else if (position > 0) {
      // Σ A_k{(K/F)[sin(u_k y)/u_k − cos(u_k y)] + e^a}; the zeroth sine is y itself.
      put = ratio * clenshaw(terms, (Math.PI * position) / width) + edge * constant;
      put += ratio * position * cosines[0]!;
    }
    const value = columns.sign[row] === 1 ? put + 1 - ratio : put;
    columns.price[row] = value > 0 ? discount * forward * value : 0;
  }
  return ok(terms);
}

function faultOfColumns({ sign, strike, price }: StripColumns): Fault | undefined {
  for (const [path, column] of Object.entries({ sign, price })) {
    if (column.length !== strike.length) {
      return faultOf(PRICING_ERRORS.LENGTH_MISMATCH, {
        path,
        expected: `${strike.length} rows`,
        received: `${column.length}`,
      });
    }
  }
  return undefined;
}

/** Where the expansion does not fade (variance near zero, |ρ| near one) each strike has its contour. */
function pricesOneByOne(strip: HestonStrip, columns: StripColumns): Result<number> {
  const { forward, discount, timeYears, parameters } = strip;
  for (let row = 0; row < columns.strike.length; row += 1) {
    const strike = columns.strike[row]!;
    const market = { spot: forward, strike, timeYears, rate: 0, dividendYield: 0 };
    const value = hestonValue({ ...market, parameters });
    if (!value.ok) return fail({ ...value.error, path: `row ${row} ${value.error.path}` });
    const { call, put } = value.value;
    columns.price[row] = discount * (columns.sign[row] === 1 ? call : put);
  }
  return ok(0);
}

/** Fills the coefficients of cos and sin; gives how many are needed, undefined where all are too few. */
function expand(
  { parameters, timeYears }: HestonStrip,
  low: number,
  width: number,
): number | undefined {
  let quiet = 0;
  for (let k = 0; k < TERMS_MAX; k += 1) {
    const u = (k * Math.PI) / width;
    argument.real = u;
    hestonLogCharacteristic(parameters, timeYears, argument, scratch);
    const modulus = Math.exp(scratch.real);
    const density = modulus * Math.cos(scratch.imaginary - u * low);
    const coefficient = ((k === 0 ? 1 : 2) * density) / (width * (1 + u * u));
    cosines[k] = coefficient;
    sines[k] = k === 0 ? 0 : coefficient / u;
    quiet = modulus < NEGLIGIBLE * (1 + u * u) ? quiet + 1 : 0;
    if (quiet === QUIET_TERMS) return k + 1;
  }
  return undefined;
}

/** Σ sines·sin(kθ) − cosines·cos(kθ) by Clenshaw's recurrence, backwards. */
function clenshaw(terms: number, theta: number): number {
  const double = 2 * Math.cos(theta);
  let [s1, s2, c1, c2] = [0, 0, 0, 0];
  for (let k = terms - 1; k >= 1; k -= 1) {
    const s = sines[k]! + double * s1 - s2;
    s2 = s1;
    s1 = s;
    const c = cosines[k]! + double * c1 - c2;
    c2 = c1;
    c1 = c;
  }
  return s1 * Math.sin(theta) - (cosines[0]! + 0.5 * double * c1 - c2);
}
