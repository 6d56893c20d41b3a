/**
 * Sums of two doubles (106 bits) for the few places where a difference of discounted amounts must keep
 * more digits than a double has: intrinsic values under in-the-money prices.
 *
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numer.
 * Math. 18 (1971) 224-242; D. E. Knuth, TAOCP vol. 2, 4.2.2.
 */
export interface DoubleDouble {
  high: number;
  low: number;
}

const SPLITTER = 134217729;
const LN2_HIGH = Math.LN2;
const LN2_LOW = 2.3190468138462996e-17;
/** 2^6 halvings bring the argument below 0.0055, where twelve Taylor terms reach 1e-32. */
const HALVINGS = 6;
const TAYLOR_TERMS = 12;

/** What rounding took from the product a·b, exactly, for |a|, |b| below 1e290. */
export function productResidual(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

/** What rounding took from the sum a + b, exactly. */
export function sumResidual(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** exp(−rate·time) with the product exact and the exponential to 1e-30 relative, into `out`. */
export function discountInto(out: DoubleDouble, rate: number, time: number): void {
  const product = -rate * time;
  if (product === 0) {
    out.high = 1;
    out.low = 0;
    return;
  }
  const exponent = Math.round(product / LN2_HIGH);
  const shift = exponent * LN2_HIGH;
  const difference = product - shift;
  const residue =
    sumResidual(product, -shift, difference) +
    productResidual(-rate, time, product) -
    productResidual(exponent, LN2_HIGH, shift) -
    exponent * LN2_LOW;
  const scale = 2 ** -HALVINGS;
  const high = (difference + residue) * scale;
  const low = (difference - (difference + residue) + residue) * scale;
  // Horner's rule for e^s − 1 = s(1 + s/2(1 + s/3(…))), then (1+p)² − 1 = 2p + p².
  let sumHigh = 1;
  let sumLow = 0;
  for (let term = TAYLOR_TERMS; term >= 1; term -= 1) {
    const productHigh = sumHigh * high;
    const productLow = productResidual(sumHigh, high, productHigh) + sumHigh * low + sumLow * high;
    const quotient = productHigh / term;
    const back = quotient * term;
    const quotientLow =
      (productHigh - back - productResidual(quotient, term, back) + productLow) / term;
    const constant = term === 1 ? 0 : 1;
    sumHigh = constant + quotient;
    sumLow = sumResidual(constant, quotient, sumHigh) + quotientLow;
  }
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const square = sumHigh * sumHigh;
    const squareLow = productResidual(sumHigh, sumHigh, square) + 2 * sumHigh * sumLow;
    const doubled = 2 * sumHigh;
    const next = doubled + square;
    sumLow = sumResidual(doubled, square, next) + squareLow + 2 * sumLow;
    sumHigh = next;
  }
  const one = 1 + sumHigh;
  const power = 2 ** exponent;
  out.high = one * power;
  out.low = (sumResidual(1, sumHigh, one) + sumLow) * power;
}

/** amount·factor into `out`; `out` may not be the factor. */
export function scaleInto(out: DoubleDouble, amount: number, factor: DoubleDouble): void {
  out.high = amount * factor.high;
  out.low = productResidual(amount, factor.high, out.high) + amount * factor.low;
}

/** a + sign·(b − c), correct to the last bit of the result wherever that is not below 1e-30 of b. */
export function addDifference(a: number, sign: number, b: DoubleDouble, c: DoubleDouble): number {
  const first = a + sign * b.high;
  const total = first - sign * c.high;
  const residue =
    sumResidual(a, sign * b.high, first) +
    sumResidual(first, -sign * c.high, total) +
    sign * (b.low - c.low);
  return total + residue;
}
