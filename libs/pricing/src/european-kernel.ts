import { normalPdf, upperTailGivenPdf } from '@cerberus/stats';
import { DAYS_PER_YEAR, type GreekColumns } from './greeks.ts';

/** Many European options, one column per input, all of one length; `sign` is +1 call, −1 put. */
export interface EuropeanColumns {
  readonly sign: Int8Array;
  readonly spot: Float64Array;
  readonly strike: Float64Array;
  readonly timeYears: Float64Array;
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly volatility: Float64Array;
}

/** A total volatility below this is zero: values differ from the limit by less than 1e-30. */
const TOTAL_VOLATILITY_ZERO = 1e-30;
/** Beyond this many deviations the density is below the smallest double. */
const DEVIATIONS_MAX = 39;
/** Below this the density of d₁ has lost digits and that of d₂ needs its own exponential. */
const DENSITY_SAFE = 1e-280;
const INVERSE_DAYS_PER_YEAR = 1 / DAYS_PER_YEAR;
const DENSITY_AT_ZERO = 0.3989422804014327;

/** Price of one row; the inputs are allowed ones. */
export function priceRow(options: EuropeanColumns, row: number): number {
  const sign = options.sign[row]!;
  const time = options.timeYears[row]!;
  const forwardValue = options.spot[row]! * Math.exp(-options.dividendYield[row]! * time);
  const strikeValue = options.strike[row]! * Math.exp(-options.rate[row]! * time);
  const total = options.volatility[row]! * Math.sqrt(time);
  if (total < TOTAL_VOLATILITY_ZERO || forwardValue === 0) {
    return Math.max(sign * (forwardValue - strikeValue), 0);
  }
  return presentPrice(sign, forwardValue, strikeValue, total);
}

/**
 * s·(A Φ(s d₁) − B Φ(s d₂)) for present values A of the forward and B of the strike, both > 0, and
 * total volatility > 0. Never below zero, where cancellation would leave a rounding residue.
 */
export function presentPrice(sign: number, forward: number, strike: number, total: number): number {
  const first = Math.log(forward / strike) / total + 0.5 * total;
  const second = first - total;
  const firstDensity = normalPdf(first);
  const secondDensity = companionDensity(firstDensity, forward / strike, second);
  const value =
    sign *
    (forward * cdfGivenPdf(sign * first, firstDensity) -
      strike * cdfGivenPdf(sign * second, secondDensity));
  return Math.max(value, 0);
}

/** φ(d₂) by S e^{−qT} φ(d₁) = K e^{−rT} φ(d₂), or by its own exponential where φ(d₁) is lost. */
function companionDensity(firstDensity: number, ratio: number, second: number): number {
  const density = firstDensity * ratio;
  return firstDensity > DENSITY_SAFE && density < 1 ? density : normalPdf(second);
}

function cdfGivenPdf(x: number, density: number): number {
  if (x < -DEVIATIONS_MAX) return 0;
  if (x > DEVIATIONS_MAX) return 1;
  return x < 0 ? upperTailGivenPdf(-x, density) : 1 - upperTailGivenPdf(x, density);
}

/** Writes price and Greeks of one row; false where a value leaves the range of a double. */
export function greeksRow(options: EuropeanColumns, row: number, out: GreekColumns): boolean {
  const time = options.timeYears[row]!;
  const total = options.volatility[row]! * Math.sqrt(time);
  const forwardValue = options.spot[row]! * Math.exp(-options.dividendYield[row]! * time);
  if (total < TOTAL_VOLATILITY_ZERO || forwardValue === 0) return limitRow(options, row, out);

  const sign = options.sign[row]!;
  const spot = options.spot[row]!;
  const strike = options.strike[row]!;
  const rate = options.rate[row]!;
  const yieldRate = options.dividendYield[row]!;
  const volatility = options.volatility[row]!;
  const strikeValue = strike * Math.exp(-rate * time);
  const ratio = forwardValue / strikeValue;
  const inverseTotal = 1 / total;
  const first = Math.log(ratio) * inverseTotal + 0.5 * total;
  const second = first - total;
  const density = normalPdf(first);
  const share = sign * forwardValue * cdfGivenPdf(sign * first, density);
  const debt =
    sign * strikeValue * cdfGivenPdf(sign * second, companionDensity(density, ratio, second));
  const inverseSpot = 1 / spot;
  const inverseStrike = 1 / strike;
  const inverseVolatility = 1 / volatility;
  const halfInverseTime = 0.5 / time;
  const product = first * second;
  // ∂d₁/∂T = (r−q)/σ√T − d₂/2T, which every time derivative shares.
  const drift = (rate - yieldRate) * inverseTotal - second * halfInverseTime;
  const weight = forwardValue * density;
  const price = Math.max(share - debt, 0);
  const delta = share * inverseSpot;
  const scaled = weight * inverseSpot;
  const gamma = scaled * inverseTotal * inverseSpot;
  const vega = weight * Math.sqrt(time);
  const theta = yieldRate * share - rate * debt - vega * volatility * halfInverseTime;
  const vanna = -scaled * second * inverseVolatility;
  const volga = vega * product * inverseVolatility;
  const charm = yieldRate * delta - scaled * drift;
  const veta = vega * (yieldRate + first * drift - halfInverseTime);
  const speed = -gamma * inverseSpot * (first * inverseTotal + 1);
  const zomma = gamma * (product - 1) * inverseVolatility;
  const color = gamma * (yieldRate + halfInverseTime + first * drift);
  const bend = product * (1 - product) + first * first + second * second;
  const ultima = -vega * inverseVolatility * inverseVolatility * bend;
  const dualGamma = weight * inverseTotal * inverseStrike * inverseStrike;
  out.price[row] = price;
  out.delta[row] = delta;
  out.gamma[row] = gamma;
  out.vega[row] = vega;
  out.theta[row] = theta * INVERSE_DAYS_PER_YEAR;
  out.rho[row] = time * debt;
  out.dividendRho[row] = -time * share;
  out.vanna[row] = vanna;
  out.volga[row] = volga;
  out.charm[row] = charm * INVERSE_DAYS_PER_YEAR;
  out.veta[row] = veta * INVERSE_DAYS_PER_YEAR;
  out.speed[row] = speed;
  out.zomma[row] = zomma;
  out.color[row] = color * INVERSE_DAYS_PER_YEAR;
  out.ultima[row] = ultima;
  out.dualDelta[row] = -debt * inverseStrike;
  out.dualGamma[row] = dualGamma;
  // A sum of finite terms is finite unless one of them is at the edge of the range.
  const first8 = price + delta + gamma + vega + theta + time * (share + debt) + vanna + volga;
  const sum = first8 + charm + veta + speed + zomma + color + ultima + dualGamma;
  return sum - sum === 0;
}

/** The linear payoff left where total volatility or spot is zero; see `europeanGreeks` for the kink. */
function limitRow(options: EuropeanColumns, row: number, out: GreekColumns): boolean {
  const sign = options.sign[row]!;
  const time = options.timeYears[row]!;
  const rate = options.rate[row]!;
  const yieldRate = options.dividendYield[row]!;
  const yieldDiscount = Math.exp(-yieldRate * time);
  const rateDiscount = Math.exp(-rate * time);
  const forwardValue = options.spot[row]! * yieldDiscount;
  const strikeValue = options.strike[row]! * rateDiscount;
  const moneyness = sign * (forwardValue - strikeValue);
  const weight = sign * (moneyness > 0 ? 1 : moneyness < 0 ? 0 : 0.5);
  const share = weight * forwardValue;
  const debt = weight * strikeValue;
  const theta = yieldRate * share - rate * debt;
  out.price[row] = moneyness > 0 ? moneyness : 0;
  out.delta[row] = weight * yieldDiscount;
  out.gamma[row] = 0;
  out.vega[row] = moneyness === 0 ? forwardValue * Math.sqrt(time) * DENSITY_AT_ZERO : 0;
  out.theta[row] = theta * INVERSE_DAYS_PER_YEAR;
  out.rho[row] = time * debt;
  out.dividendRho[row] = -time * share;
  out.vanna[row] = 0;
  out.volga[row] = 0;
  out.charm[row] = yieldRate * weight * yieldDiscount * INVERSE_DAYS_PER_YEAR;
  out.veta[row] = 0;
  out.speed[row] = 0;
  out.zomma[row] = 0;
  out.color[row] = 0;
  out.ultima[row] = 0;
  out.dualDelta[row] = -weight * rateDiscount;
  out.dualGamma[row] = 0;
  const sum = moneyness + theta + weight * (yieldDiscount + rateDiscount) * (1 + time);
  return sum - sum === 0;
}
