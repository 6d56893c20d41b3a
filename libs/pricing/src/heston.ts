import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';
import { europeanPrice } from './european.ts';
import {
  faultOfHeston,
  type HestonParameters,
  hestonLogCharacteristic,
  hestonLogMoment,
  logCharacteristic,
} from './heston-characteristic.ts';

/** A European option under Heston or Bates; both call and put are valued. */
export interface HestonOption {
  readonly spot: number;
  readonly strike: number;
  readonly timeYears: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly parameters: HestonParameters;
}

export interface HestonValue {
  readonly call: number;
  readonly put: number;
  /** Exercise probabilities of the call under the share and the money measure. */
  readonly shareProbability: number;
  readonly strikeProbability: number;
  readonly deltaCall: number;
  readonly deltaPut: number;
  readonly gamma: number;
  /** ∂V/∂v₀ per 1.00 of variance, the same for call and put. */
  readonly varianceVega: number;
  /** Local volatility √(E[v_T | S_T = K]) that the model implies at this strike and expiry. */
  readonly localVolatility: number;
  /** Undiscounted value of the out-of-the-money option over the forward, free of cancellation. */
  readonly outOfTheMoney: number;
}

const RULES = {
  spot: 'positive',
  strike: 'positive',
  timeYears: 'time',
  rate: 'finite',
  dividendYield: 'finite',
} as const;

/** Trapezoid steps halve from this until two levels agree, at most so many times. */
const STEP_FIRST = 0.5;
const HALVINGS_MAX = 11;
const AGREEMENT = 1e-13;
/** Rounding of a sum whose integrand is one at its peak. */
const ROUNDING = 4e-15;
/** The contour keeps at least e^−30 from the poles. */
const LOG_DISTANCE_MIN = -30;
const NEGLIGIBLE = 1e-18;
/** Beyond this the integrand's algebraic part has decayed to 1e-10 of the forward. */
const ARGUMENT_MAX = 1e10;
/** What may be left unsettled of the value (over the forward) and, relatively, of the density. */
const VALUE_UNSETTLED = 1e-8;
const DENSITY_UNSETTLED = 1e-4;

/** Integrals over one contour: value, both derivatives in ln F, and those in v₀ and in T. */
interface Integrals {
  value: number;
  first: number;
  second: number;
  variance: number;
  time: number;
}

/**
 * Semi-analytic price, probabilities and Greeks. The Fourier integral runs on the contour through the
 * saddle point of the out-of-the-money option, so that its value keeps relative accuracy far into the
 * wings, and is summed by the trapezoidal rule in v = c·sinh t, which converges geometrically.
 *
 * Accuracy: 1e-12 of the spot, and relative 1e-10 out of the money while the value is above 1e-40.
 * Sources: A. Lewis (2001) for the integral; R. Lord, C. Kahl, "Optimal Fourier inversion in
 * semi-analytical option pricing", J. Comp. Finance 10 (2007) for the contour.
 */
export function hestonValue(option: HestonOption): Result<HestonValue> {
  const fault = faultOfFields(option, RULES) ?? faultOfHeston(option.parameters);
  if (fault !== undefined) return fail(fault);
  if (isCertain(option)) return certainValue(option);
  const { spot, strike, timeYears, rate, dividendYield } = option;
  const moneyness = Math.log(spot / strike) + (rate - dividendYield) * timeYears;
  const contour = contourOf(option.parameters, timeYears, moneyness);
  const integrals = integrate(option.parameters, timeYears, moneyness, contour);
  const unsettled = faultOfIntegrals(integrals);
  if (unsettled !== undefined) return fail(unsettled);
  const ratio = Math.exp(-moneyness);
  // The contour left of the poles gives the put: the call adds 1 − K/F.
  const isPut = contour.shift < -1;
  const callOverForward = integrals.value + (isPut ? 1 - ratio : 0);
  const strikeProbability = (isPut ? 1 : 0) + integrals.first / ratio;
  const shareProbability = (isPut ? 1 : 0) + integrals.value + integrals.first;
  const share = spot * Math.exp(-dividendYield * timeYears);
  const debt = strike * Math.exp(-rate * timeYears);
  const yieldDiscount = Math.exp(-dividendYield * timeYears);
  const call = isPut ? share * integrals.value + share - debt : share * callOverForward;
  const put = isPut ? share * integrals.value : share * integrals.value - share + debt;
  const value = {
    call: Math.max(call, 0),
    put: Math.max(put, 0),
    shareProbability,
    strikeProbability,
    deltaCall: yieldDiscount * shareProbability,
    deltaPut: yieldDiscount * (shareProbability - 1),
    gamma: (yieldDiscount * (integrals.first + integrals.second)) / spot,
    varianceVega: share * integrals.variance,
    localVolatility: localVolatilityOf(integrals),
    outOfTheMoney: Math.max(integrals.value, 0),
  };
  if (!Object.values(value).every(Number.isFinite)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'price' }));
  }
  return ok(value);
}

/** Dupire's formula on the forward: σ² = 2 c_T/(c_k + c_kk), k = ln(F/K); zero where no density is left. */
function localVolatilityOf({ first, second, time }: Integrals): number {
  const density = first + second;
  return density > 0 && time > 0 ? Math.sqrt((2 * time) / density) : 0;
}

/** A law with an atom, or nearly so, has no density for the integrals to settle on. */
function faultOfIntegrals(integrals: SettledIntegrals): Fault | undefined {
  const density = Math.abs(integrals.second);
  const isValueBad = !(integrals.valueError <= VALUE_UNSETTLED);
  const isDensityBad = !(integrals.densityError <= DENSITY_UNSETTLED * Math.max(density, 1e-2));
  if (!isValueBad && !isDensityBad) return undefined;
  return faultOf(PRICING_ERRORS.NOT_CONVERGED, {
    path: isValueBad ? 'price' : 'gamma',
    expected: 'variance that spreads the spot over a density',
  });
}

/** Nothing moves: no time, or no variance now nor later and no jumps. */
function isCertain({ timeYears, parameters }: HestonOption): boolean {
  const { variance, longRunVariance, jumps } = parameters;
  const hasJumps = jumps !== undefined && jumps.intensity > 0;
  return timeYears === 0 || (variance === 0 && longRunVariance === 0 && !hasJumps);
}

function certainValue(option: HestonOption): Result<HestonValue> {
  const at = (kind: 'call' | 'put') => europeanPrice({ ...option, kind, volatility: 0 });
  const [call, put] = [at('call'), at('put')];
  if (!call.ok) return call;
  if (!put.ok) return put;
  const { spot, strike, timeYears, rate, dividendYield } = option;
  const forward = spot * Math.exp((rate - dividendYield) * timeYears);
  const probability = forward > strike ? 1 : forward < strike ? 0 : 0.5;
  const yieldDiscount = Math.exp(-dividendYield * timeYears);
  return ok({
    call: call.value,
    put: put.value,
    shareProbability: probability,
    strikeProbability: probability,
    deltaCall: yieldDiscount * probability,
    deltaPut: yieldDiscount * (probability - 1),
    gamma: 0,
    varianceVega: 0,
    localVolatility: Math.sqrt(option.parameters.variance),
    outOfTheMoney: 0,
  });
}

interface Contour {
  /** α: the contour is z = v − iα, above the pole for α > 0, below both for α < −1. */
  readonly shift: number;
  /** Width of the integrand about v = 0. */
  readonly width: number;
  /** ln of the integrand at v = 0, the scale of the sum. */
  readonly peak: number;
}

/** ln of the integrand's modulus at v = 0 as a function of α; +Infinity outside its strip. */
function exponentAt(
  parameters: HestonParameters,
  timeYears: number,
  moneyness: number,
  shift: number,
): number {
  const moment = hestonLogMoment(parameters, timeYears, shift + 1);
  return shift * moneyness + moment - Math.log(Math.abs(shift * (shift + 1)));
}

/** Minimises the exponent over α > 0 (calls out of the money) or α < −1 (puts). */
function contourOf(parameters: HestonParameters, timeYears: number, moneyness: number): Contour {
  const isPut = moneyness > 0;
  // Distance w > 0 from the nearer pole, on a logarithmic scale.
  const at = (logDistance: number) => {
    const distance = Math.exp(logDistance);
    return exponentAt(parameters, timeYears, moneyness, isPut ? -1 - distance : distance);
  };
  // At long maturities moments explode just beyond the pole: step towards it until one is finite.
  let best = -2;
  let bestValue = at(best);
  while (bestValue === Number.POSITIVE_INFINITY && best > LOG_DISTANCE_MIN) {
    best -= 0.5;
    bestValue = at(best);
  }
  for (let step = 0; step < 60; step += 1) {
    const next = best + 0.5;
    const value = at(next);
    if (!(value < bestValue)) break;
    [best, bestValue] = [next, value];
  }
  for (let step = 0; step < 60; step += 1) {
    const next = best - 0.5;
    const value = at(next);
    if (!(value < bestValue)) break;
    [best, bestValue] = [next, value];
  }
  for (let span = 0.25; span > 0.01; span *= 0.5) {
    for (const next of [best - span, best + span]) {
      const value = at(next);
      if (value < bestValue) [best, bestValue] = [next, value];
    }
  }
  const distance = Math.exp(best);
  const shift = isPut ? -1 - distance : distance;
  const h = 0.05 * distance;
  const bend =
    (exponentAt(parameters, timeYears, moneyness, shift + h) -
      2 * bestValue +
      exponentAt(parameters, timeYears, moneyness, shift - h)) /
    (h * h);
  const width = bend > 0 && Number.isFinite(bend) ? 1 / Math.sqrt(bend) : distance;
  return { shift, width, peak: bestValue };
}

const scratch = logCharacteristic();
const argument = { real: 0, imaginary: 0 };

/** Adds weight × the integrand at v to the sums; gives its modulus relative to the peak. */
function addNode(
  option: readonly [HestonParameters, number, number],
  contour: Contour,
  v: number,
  weight: number,
): number {
  const [parameters, timeYears, moneyness] = option;
  const { shift, peak } = contour;
  argument.real = v;
  argument.imaginary = -(shift + 1);
  hestonLogCharacteristic(parameters, timeYears, argument, scratch);
  // ψ = φ(z−i)e^{izk}/(−z(z−i)) with z = v − iα; e^{izk} = e^{αk}·e^{ivk}.
  const growth = Math.exp(scratch.real + shift * moneyness - peak);
  const angle = scratch.imaginary + v * moneyness;
  const [topRe, topIm] = [growth * Math.cos(angle), growth * Math.sin(angle)];
  // −z(z−i) = −(v² − α² − α) + iv(2α+1).
  const lowRe = -(v * v - shift * shift - shift);
  const lowIm = v * (2 * shift + 1);
  const norm = lowRe * lowRe + lowIm * lowIm;
  const re = (weight * (topRe * lowRe + topIm * lowIm)) / norm;
  const im = (weight * (topIm * lowRe - topRe * lowIm)) / norm;
  // iz = α + iv.
  const firstRe = shift * re - v * im;
  const firstIm = shift * im + v * re;
  sums.value += re;
  sums.first += firstRe;
  sums.second += shift * firstRe - v * firstIm;
  sums.variance += re * scratch.varianceReal - im * scratch.varianceImaginary;
  sums.time += re * scratch.timeReal - im * scratch.timeImaginary;
  return growth / Math.sqrt(norm);
}

const sums: Integrals = { value: 0, first: 0, second: 0, variance: 0, time: 0 };

interface SettledIntegrals extends Integrals {
  /** Change of the value and of the second derivative at the last halving. */
  readonly valueError: number;
  readonly densityError: number;
}

function integrate(
  parameters: HestonParameters,
  timeYears: number,
  moneyness: number,
  contour: Contour,
): SettledIntegrals {
  const option = [parameters, timeYears, moneyness] as const;
  sums.value = 0;
  sums.first = 0;
  sums.second = 0;
  sums.variance = 0;
  sums.time = 0;
  let step = STEP_FIRST;
  let previous = Number.NaN;
  let previousSecond = Number.NaN;
  const reach = 1 + contour.shift * contour.shift + contour.width * contour.width;
  let valueChange = 0;
  let densityChange = 0;
  // The integrand is even: v = 0 counts half of dv = c·cosh t·dt.
  addNode(option, contour, 0, 0.5 * contour.width);
  for (let halving = 0; ; halving += 1) {
    for (let n = 1; ; n += halving === 0 ? 1 : 2) {
      const t = n * step;
      const v = contour.width * Math.sinh(t);
      if (v > ARGUMENT_MAX) break;
      const weight = contour.width * Math.cosh(t);
      const size = addNode(option, contour, v, weight);
      if (!(size * weight * (1 + v * v) >= NEGLIGIBLE * contour.width)) break;
    }
    const value = sums.value * step;
    const second = sums.second * step;
    valueChange = Math.abs(value - previous);
    densityChange = Math.abs(second - previousSecond);
    const isSettled =
      valueChange <= AGREEMENT * Math.abs(value) + ROUNDING * contour.width &&
      densityChange <= 100 * AGREEMENT * Math.abs(second) + ROUNDING * contour.width * reach;
    if (isSettled || halving === HALVINGS_MAX) break;
    previous = value;
    previousSecond = second;
    step *= 0.5;
  }
  const scale = (Math.exp(contour.peak) * step) / Math.PI;
  return {
    value: sums.value * scale,
    first: sums.first * scale,
    second: sums.second * scale,
    variance: sums.variance * scale,
    time: sums.time * scale,
    valueError: (valueChange * scale) / step,
    densityError: (densityChange * scale) / step,
  };
}
