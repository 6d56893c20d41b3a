import { fail, faultOf, ok, type Result } from '@cerberus/core';
import {
  type AmericanAccuracy,
  type AmericanOption,
  type AmericanRegime,
  americanValue,
  boundaryOf,
  certainExercise,
  isNeverExercised,
  schemeOf,
  standardPut,
} from './american.ts';
import { type Premium, premiumDerivatives } from './american-premium.ts';
import { PRICING_ERRORS } from './errors.ts';
import { europeanGreeks } from './european.ts';
import { DAYS_PER_YEAR, type Greeks, signOf } from './greeks.ts';
import { gridGreeks } from './grid-greeks.ts';

/** Relative steps of the differences in volatility, and absolute ones in rate and yield. */
const VOLATILITY_STEP = 0.02;
const RATE_STEP = 2e-4;

/** Premium over the European value in currency, with its derivatives in the spot. */
type SpotDerivatives = readonly [number, number, number, number, number];
const NO_PREMIUM: SpotDerivatives = [0, 0, 0, 0, 0];

/**
 * American Greeks to third order, smooth in all inputs: European Greeks in closed form plus those of the
 * early-exercise premium. In the spot the premium is differentiated under its integral; in time by the
 * pricing equation, which it obeys while the option is held; in volatility, rate and yield by central
 * differences (fourth order in volatility) of whole solutions, whose error is smooth. Where the option
 * is exercised at once the Greeks are those of the intrinsic value. Units as in `Greeks`.
 */
export function americanGreeks(
  option: AmericanOption,
  accuracy: AmericanAccuracy = 'standard',
): Result<Greeks & { readonly regime: AmericanRegime }> {
  const value = americanValue(option, accuracy);
  if (!value.ok) return value;
  const { regime } = value.value;
  if (regime === 'exercised') return ok({ ...intrinsicGreeks(option), regime });
  if (regime === 'certain') return ok({ ...certainGreeks(option), regime });
  if (regime === 'grid') {
    const greeks = gridGreeks({ ...option, exercise: 'american' });
    return greeks.ok ? ok({ ...greeks.value, regime }) : greeks;
  }
  const european = europeanGreeks(option);
  if (!european.ok) return european;
  if (regime === 'european') return ok({ ...european.value, regime });
  const greeks = heldGreeks(option, accuracy, european.value);
  const isInRange = Object.values(greeks).every(Number.isFinite);
  if (!isInRange) return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'greeks' }));
  return ok({ ...greeks, regime });
}

/** Premium and its four spot derivatives at a shifted market. */
function premiumAt(option: AmericanOption, accuracy: AmericanAccuracy): SpotDerivatives {
  const put = standardPut(option);
  if (isNeverExercised(put.market)) return NO_PREMIUM;
  const boundary = boundaryOf(put.market, schemeOf(accuracy));
  if (boundary === undefined) return NO_PREMIUM;
  const premium: Premium = { value: 0, first: 0, second: 0, third: 0, fourth: 0 };
  const x = put.ratio;
  premiumDerivatives(x, boundary, premium);
  const { value, first, second, third, fourth } = premium;
  if (option.kind === 'put') {
    const k = put.unit;
    return [value * k, first, second / k, third / k ** 2, fourth / k ** 3];
  }
  // The call is S·p(K/S): derivatives in S by the chain rule.
  const s = put.unit;
  return [
    value * s,
    value - x * first,
    (x * x * second) / s,
    -(3 * x ** 2 * second + x ** 3 * third) / s ** 2,
    (12 * x ** 2 * second + 8 * x ** 3 * third + x ** 4 * fourth) / s ** 3,
  ];
}

type Stencil = readonly [SpotDerivatives, SpotDerivatives, SpotDerivatives, SpotDerivatives];

/** Fourth-order first derivative of one entry from values at −2h, −h, +h, +2h. */
function firstOf([far, low, high, top]: Stencil, entry: 0 | 1 | 2, step: number): number {
  return (8 * (high[entry] - low[entry]) - (top[entry] - far[entry])) / (12 * step);
}

function heldGreeks(option: AmericanOption, accuracy: AmericanAccuracy, european: Greeks): Greeks {
  const { spot, strike, rate, dividendYield, volatility } = option;
  const at = (change: Partial<AmericanOption>) => premiumAt({ ...option, ...change }, accuracy);
  const [w, w1, w2, w3, w4] = at({});
  const h = VOLATILITY_STEP * volatility;
  const shifted = [-2, -1, 1, 2].map((n) => at({ volatility: volatility + n * h }));
  const stencil = shifted as unknown as Stencil;
  const [far, low, high, top] = stencil;
  const vega = firstOf(stencil, 0, h);
  const vanna = firstOf(stencil, 1, h);
  const zomma = firstOf(stencil, 2, h);
  const volga = (16 * (high[0] + low[0]) - (top[0] + far[0]) - 30 * w) / (12 * h * h);
  const ultima = (top[0] - far[0] - 2 * (high[0] - low[0])) / (2 * h ** 3);
  const [rateUp, rateDown] = [1, -1].map((n) => at({ rate: rate + n * RATE_STEP })[0]);
  const [yieldUp, yieldDown] = [1, -1].map(
    (n) => at({ dividendYield: dividendYield + n * RATE_STEP })[0],
  );
  // The pricing equation and its derivatives: ∂W/∂t = rW − (r−q)S W′ − ½σ²S² W″.
  const carry = rate - dividendYield;
  const half = 0.5 * volatility * volatility;
  const theta = rate * w - carry * spot * w1 - half * spot ** 2 * w2;
  const charm = rate * w1 - carry * (w1 + spot * w2) - half * (2 * spot * w2 + spot ** 2 * w3);
  const color =
    rate * w2 - carry * (2 * w2 + spot * w3) - half * (2 * w2 + 4 * spot * w3 + spot ** 2 * w4);
  const veta =
    rate * vega - carry * spot * vanna - half * spot ** 2 * zomma - volatility * spot ** 2 * w2;
  return {
    price: european.price + w,
    delta: european.delta + w1,
    gamma: european.gamma + w2,
    speed: european.speed + w3,
    vega: european.vega + vega,
    vanna: european.vanna + vanna,
    zomma: european.zomma + zomma,
    volga: european.volga + volga,
    ultima: european.ultima + ultima,
    theta: european.theta + theta / DAYS_PER_YEAR,
    charm: european.charm + charm / DAYS_PER_YEAR,
    color: european.color + color / DAYS_PER_YEAR,
    veta: european.veta + veta / DAYS_PER_YEAR,
    rho: european.rho + (rateUp! - rateDown!) / (2 * RATE_STEP),
    dividendRho: european.dividendRho + (yieldUp! - yieldDown!) / (2 * RATE_STEP),
    // Values are homogeneous of degree one in spot and strike.
    dualDelta: european.dualDelta + (w - spot * w1) / strike,
    dualGamma: european.dualGamma + (spot * spot * w2) / (strike * strike),
  };
}

const NO_GREEKS: Greeks = {
  price: 0,
  delta: 0,
  gamma: 0,
  vega: 0,
  theta: 0,
  rho: 0,
  dividendRho: 0,
  vanna: 0,
  volga: 0,
  charm: 0,
  veta: 0,
  speed: 0,
  zomma: 0,
  color: 0,
  ultima: 0,
  dualDelta: 0,
  dualGamma: 0,
};

function intrinsicGreeks(option: AmericanOption): Greeks {
  const sign = signOf(option.kind);
  return {
    ...NO_GREEKS,
    price: sign * (option.spot - option.strike),
    delta: sign,
    dualDelta: -sign,
  };
}

/** The exercise time is known: its linear payoff. On the kink the mean of both slopes, as in Europe. */
function certainGreeks(option: AmericanOption): Greeks {
  const { spot, strike, rate, dividendYield, timeYears } = option;
  const { price, bestTime } = certainExercise(option);
  const sign = signOf(option.kind);
  const [shareDiscount, debtDiscount] = [
    Math.exp(-dividendYield * bestTime),
    Math.exp(-rate * bestTime),
  ];
  const moneyness = sign * (spot * shareDiscount - strike * debtDiscount);
  const weight = sign * (moneyness > 0 ? 1 : moneyness < 0 ? 0 : 0.5);
  const share = weight * spot * shareDiscount;
  const debt = weight * strike * debtDiscount;
  const isHeldToExpiry = bestTime === timeYears && timeYears > 0;
  return {
    ...NO_GREEKS,
    price,
    delta: weight * shareDiscount,
    theta: isHeldToExpiry ? (dividendYield * share - rate * debt) / DAYS_PER_YEAR : 0,
    charm: isHeldToExpiry ? (dividendYield * weight * shareDiscount) / DAYS_PER_YEAR : 0,
    rho: bestTime * debt,
    dividendRho: -bestTime * share,
    dualDelta: -weight * debtDiscount,
  };
}
