import { normalCdf, normalPdf, upperTailGivenPdf } from '@cerberus/stats';
import { gaussLegendre } from './quadrature.ts';

const DENSITY_AT_ZERO = 0.3989422804014327;
/** ln B stays this far below its value at expiry, so that H keeps a square root. */
const BOUNDARY_GAP = 1e-12;
/** A boundary that still moves by less than this after all sweeps is good to its scheme. */
const SETTLED = 1e-4;

/** What decides the exercise boundary of a put with strike one. */
export interface BoundaryMarket {
  /** Rate r > 0. */
  rate: number;
  yieldRate: number;
  volatility: number;
  timeYears: number;
}

/**
 * Geometry of the collocation, fixed by its sizes alone: nodes of the boundary in √τ, quadrature in the
 * square root of the elapsed time, and the matrices that interpolate the boundary there. Nothing in it
 * depends on the option, so that solving is multiplication.
 */
export interface CollocationScheme {
  /** Boundary nodes apart from expiry. */
  readonly nodeCount: number;
  readonly quadratureCount: number;
  readonly pricingCount: number;
  /** Largest number of fixed-point sweeps, and the change of ln B at which they stop. */
  readonly sweepsMax: number;
  readonly tolerance: number;
  /** √(τᵢ/T) of node i, rising to one. */
  readonly rootNodes: Float64Array;
  /** a = √(θ/τ) and weight per node of the inner quadrature, θ the time since the boundary point. */
  readonly inner: { readonly roots: Float64Array; readonly weights: Float64Array };
  readonly outer: { readonly roots: Float64Array; readonly weights: Float64Array };
  /** Row (i, k): weights on H at the nodes that give H at time τᵢ(1 − a_k²). */
  readonly innerMatrix: Float64Array;
  readonly outerMatrix: Float64Array;
  /** Workspace of a solve: one at a time, as everything here is synchronous. */
  readonly work: Float64Array;
  readonly moves: Float64Array;
  readonly rateDiscounts: Float64Array;
  readonly yieldDiscounts: Float64Array;
}

export interface SchemeSizes {
  readonly nodes: number;
  readonly quadrature: number;
  readonly pricing: number;
  readonly sweeps: number;
  readonly tolerance: number;
}

/** Values of the cardinal functions of the nodes at one point z of [−1, 1], into a row of the matrix. */
function interpolationRow(z: number, count: number, row: Float64Array): void {
  // Barycentric form on the Chebyshev points of the second kind z_j = −cos(jπ/count).
  let sum = 0;
  for (let j = 0; j <= count; j += 1) {
    const node = -Math.cos((j * Math.PI) / count);
    if (Math.abs(z - node) < 1e-15) {
      row.fill(0);
      if (j > 0) row[j - 1] = 1;
      return;
    }
    const half = j === 0 || j === count ? 0.5 : 1;
    const weight = ((j % 2 === 0 ? 1 : -1) * half) / (z - node);
    sum += weight;
    // H vanishes at expiry (j = 0), so that its column is left out.
    if (j > 0) row[j - 1] = weight;
  }
  for (let j = 0; j < count; j += 1) row[j] = row[j]! / sum;
}

/**
 * Gauss-Legendre in the angle ψ with √θ = √τ sin ψ, so that the boundary's own variable √(τ−θ) is
 * √τ cos ψ and the integrand is smooth at both ends; ∫₀^τ f dθ = Σ weight·τ·root·f.
 */
function halfRule(order: number): { roots: Float64Array; weights: Float64Array } {
  const rule = gaussLegendre(order);
  const angles = rule.nodes.map((y) => 0.25 * Math.PI * (1 + y));
  return {
    roots: angles.map(Math.sin),
    weights: rule.weights.map((weight, k) => 0.5 * Math.PI * weight * Math.cos(angles[k]!)),
  };
}

/** Precomputes a scheme; done once per set of sizes. */
export function collocationScheme(sizes: SchemeSizes): CollocationScheme {
  const count = sizes.nodes;
  const inner = halfRule(sizes.quadrature);
  const outer = halfRule(sizes.pricing);
  const rootNodes = Float64Array.from(
    { length: count },
    (_, i) => 0.5 * (1 - Math.cos(((i + 1) * Math.PI) / count)),
  );
  const innerMatrix = new Float64Array(count * inner.roots.length * count);
  let offset = 0;
  for (const root of rootNodes) {
    for (const a of inner.roots) {
      const z = 2 * root * Math.sqrt(1 - a * a) - 1;
      interpolationRow(z, count, innerMatrix.subarray(offset, offset + count));
      offset += count;
    }
  }
  const outerMatrix = new Float64Array(outer.roots.length * count);
  for (const [k, a] of outer.roots.entries()) {
    const z = 2 * Math.sqrt(1 - a * a) - 1;
    interpolationRow(z, count, outerMatrix.subarray(k * count, (k + 1) * count));
  }
  return {
    nodeCount: count,
    quadratureCount: inner.roots.length,
    pricingCount: outer.roots.length,
    sweepsMax: sizes.sweeps,
    tolerance: sizes.tolerance,
    rootNodes,
    inner,
    outer,
    innerMatrix,
    outerMatrix,
    moves: new Float64Array(count),
    rateDiscounts: new Float64Array(count),
    yieldDiscounts: new Float64Array(count),
    work: new Float64Array(count * inner.roots.length * COLUMNS),
  };
}

/** Boundary just before expiry of a put with strike one: min(1, r/q), or one for q ≤ r. */
export function boundaryAtExpiry(rate: number, yieldRate: number): number {
  return yieldRate > rate ? rate / yieldRate : 1;
}

/** Perpetual boundary of a put with strike one, the limit for long maturities. */
function perpetualBoundary(market: BoundaryMarket): number {
  const variance = market.volatility * market.volatility;
  const drift = market.rate - market.yieldRate - 0.5 * variance;
  const root = -(drift + Math.sqrt(drift * drift + 2 * market.rate * variance)) / variance;
  return root / (root - 1);
}

/** A start between the boundary at expiry and the perpetual one (Bjerksund-Stensland 1993 trigger). */
function startingBoundary(market: BoundaryMarket, scheme: CollocationScheme, out: Float64Array) {
  const atExpiry = boundaryAtExpiry(market.rate, market.yieldRate);
  const perpetual = Math.min(perpetualBoundary(market), 0.999999 * atExpiry);
  const rootTime = Math.sqrt(market.timeYears);
  for (let i = 0; i < scheme.nodeCount; i += 1) {
    const root = rootTime * scheme.rootNodes[i]!;
    const pull =
      ((market.rate - market.yieldRate) * root * root - 2 * market.volatility * root) *
      (atExpiry / (atExpiry - perpetual));
    const share = Math.exp(Math.min(pull, 0));
    const logarithm = Math.log((perpetual + (atExpiry - perpetual) * share) / atExpiry);
    out[i] = logarithm * logarithm;
  }
}

/** Numerator and denominator of the fixed point and their slopes in ln B, of one node. */
const sums = { top: 0, bottom: 0, topSlope: 0, bottomSlope: 0 };

/**
 * Fixed-point system B: both legs of the smooth-pasting condition as distribution functions.
 * B(τ) = [e^{−rτ}Φ(d₋) + r∫e^{−rθ}Φ(d₋)dθ] / [e^{−qτ}Φ(d₊) + q∫e^{−qθ}Φ(d₊)dθ].
 */
function accumulateB(
  market: BoundaryMarket,
  scheme: CollocationScheme,
  node: number,
  values: Float64Array,
): void {
  const { rate, yieldRate, volatility } = market;
  const { nodeCount, quadratureCount, innerMatrix, inner } = scheme;
  const rootTau = Math.sqrt(market.timeYears) * scheme.rootNodes[node]!;
  const tau = rootTau * rootTau;
  const own = Math.sqrt(values[node]!);
  const deviation = volatility * rootTau;
  const logStrike = Math.log(boundaryAtExpiry(rate, yieldRate)) - own;
  const minus = (logStrike + (rate - yieldRate) * tau) / deviation - 0.5 * deviation;
  let top = Math.exp(-rate * tau) * normalCdf(minus);
  let topSlope = (Math.exp(-rate * tau) * normalPdf(minus)) / deviation;
  let bottom = Math.exp(-yieldRate * tau) * normalCdf(minus + deviation);
  let bottomSlope = (Math.exp(-yieldRate * tau) * normalPdf(minus + deviation)) / deviation;
  let offset = node * quadratureCount * nodeCount;
  for (let k = 0; k < quadratureCount; k += 1) {
    let squared = 0;
    for (let j = 0; j < nodeCount; j += 1) squared += innerMatrix[offset + j]! * values[j]!;
    offset += nodeCount;
    const a = inner.roots[k]!;
    const theta = tau * a * a;
    const spread = deviation * a;
    const distance = Math.sqrt(Math.max(squared, 0)) - own;
    const low = (distance + (rate - yieldRate) * theta) / spread - 0.5 * spread;
    const weight = inner.weights[k]! * tau * a;
    const rateWeight = weight * rate * Math.exp(-rate * theta);
    const yieldWeight = weight * yieldRate * Math.exp(-yieldRate * theta);
    top += rateWeight * normalCdf(low);
    topSlope += (rateWeight * normalPdf(low)) / spread;
    bottom += yieldWeight * normalCdf(low + spread);
    bottomSlope += (yieldWeight * normalPdf(low + spread)) / spread;
  }
  sums.top = top;
  sums.bottom = bottom;
  sums.topSlope = topSlope;
  sums.bottomSlope = bottomSlope;
}

/** Columns of the scheme's workspace, one entry per node and quadrature point. */
const RATE_LEG = 0;
const YIELD_LEG = 1;
const YIELD_WEIGHT = 2;
const INVERSE_SPREAD = 3;
const SHIFT = 4;
const COLUMNS = 5;

/** What system A needs at each point and does not change between sweeps. */
function prepareA(market: BoundaryMarket, scheme: CollocationScheme): void {
  const { rate, yieldRate, volatility } = market;
  const { nodeCount, quadratureCount, rootNodes, inner, work } = scheme;
  const { rateDiscounts, yieldDiscounts } = scheme;
  const carry = rate - yieldRate;
  const rootTime = Math.sqrt(market.timeYears);
  let at = 0;
  for (let node = 0; node < nodeCount; node += 1) {
    const rootTau = rootTime * rootNodes[node]!;
    const tau = rootTau * rootTau;
    rateDiscounts[node] = Math.exp(-rate * tau);
    yieldDiscounts[node] = yieldRate === 0 ? 1 : Math.exp(-yieldRate * tau);
    for (let k = 0; k < quadratureCount; k += 1) {
      const a = inner.roots[k]!;
      const theta = tau * a * a;
      const spread = volatility * rootTau * a;
      const weight = inner.weights[k]! * tau * a;
      const yieldWeight = yieldRate === 0 ? 0 : weight * yieldRate * Math.exp(-yieldRate * theta);
      work[at + RATE_LEG] = (DENSITY_AT_ZERO * weight * rate * Math.exp(-rate * theta)) / spread;
      work[at + YIELD_LEG] = (DENSITY_AT_ZERO * yieldWeight) / spread;
      work[at + YIELD_WEIGHT] = yieldWeight;
      work[at + INVERSE_SPREAD] = 1 / spread;
      work[at + SHIFT] = (carry * theta) / spread - 0.5 * spread;
      at += COLUMNS;
    }
  }
}

/**
 * Fixed-point system A: the second-derivative form, whose integrands are densities.
 * N = e^{−rτ}φ(d₋)/σ√τ + r∫e^{−rθ}φ(d₋)/σ√θ dθ, D likewise with d₊ and q plus the terms of system B.
 */
function accumulateA(
  market: BoundaryMarket,
  scheme: CollocationScheme,
  node: number,
  values: Float64Array,
): void {
  const { rate, yieldRate, volatility, timeYears } = market;
  const { nodeCount, quadratureCount, innerMatrix, work } = scheme;
  const tau = timeYears * scheme.rootNodes[node]! * scheme.rootNodes[node]!;
  const own = Math.sqrt(values[node]!);
  const deviation = volatility * Math.sqrt(tau);
  const logStrike = (yieldRate > rate ? Math.log(rate / yieldRate) : 0) - own;
  const minus = (logStrike + (rate - yieldRate) * tau) / deviation - 0.5 * deviation;
  const plus = minus + deviation;
  const yieldDiscount = scheme.yieldDiscounts[node]!;
  const plusDensity = DENSITY_AT_ZERO * Math.exp(-0.5 * plus * plus);
  const plusTail = upperTailGivenPdf(Math.abs(plus), plusDensity);
  const rateDensity =
    (scheme.rateDiscounts[node]! * DENSITY_AT_ZERO * Math.exp(-0.5 * minus * minus)) / deviation;
  const yieldDensity = (yieldDiscount * plusDensity) / deviation;
  let top = rateDensity;
  let topSlope = (-minus * rateDensity) / deviation;
  let bottom = yieldDensity + yieldDiscount * (plus > 0 ? 1 - plusTail : plusTail);
  let bottomSlope = (-minus * yieldDensity) / deviation;
  let offset = node * quadratureCount * nodeCount;
  let at = node * quadratureCount * COLUMNS;
  for (let k = 0; k < quadratureCount; k += 1) {
    let squared = 0;
    for (let j = 0; j < nodeCount; j += 1) squared += innerMatrix[offset + j]! * values[j]!;
    offset += nodeCount;
    const inverse = work[at + INVERSE_SPREAD]!;
    const distance = (squared > 0 ? Math.sqrt(squared) : 0) - own;
    const low = distance * inverse + work[at + SHIFT]!;
    const rateLeg = work[at + RATE_LEG]! * Math.exp(-0.5 * low * low);
    top += rateLeg;
    topSlope -= low * rateLeg * inverse;
    if (yieldRate !== 0) {
      const high = low + 1 / inverse;
      const density = Math.exp(-0.5 * high * high);
      const yieldLeg = work[at + YIELD_LEG]! * density;
      const tail = upperTailGivenPdf(Math.abs(high), DENSITY_AT_ZERO * density);
      bottom += yieldLeg + work[at + YIELD_WEIGHT]! * (high > 0 ? 1 - tail : tail);
      bottomSlope -= low * yieldLeg * inverse;
    }
    at += COLUMNS;
  }
  sums.top = top;
  sums.bottom = bottom;
  sums.topSlope = topSlope;
  sums.bottomSlope = bottomSlope;
}

/**
 * Solves for H(τ) = ln²(B(τ)/B(0+)) at the nodes of the scheme, into `values` (length `nodeCount`);
 * B is the exercise boundary of a put with strike one and r > 0. One Jacobi-Newton sweep, then plain
 * sweeps of system A until ln B moves by less than the tolerance, each kept between the perpetual
 * boundary and the one at expiry; where A does not settle (volatility far below the rate), system B.
 * False where neither settles: the caller then takes finite differences.
 *
 * Source: L. Andersen, M. Lake, D. Offengenden, "High-performance American option pricing", J. Comp.
 * Finance 20 (2016) 39-87, sections 4-5 (systems A and B, Jacobi-Newton step, H transform).
 */
export function solveBoundary(
  market: BoundaryMarket,
  scheme: CollocationScheme,
  values: Float64Array,
): boolean {
  prepareA(market, scheme);
  return (
    sweepUntilSettled(market, scheme, { values, accumulate: accumulateA, effort: 1 }) ||
    sweepUntilSettled(market, scheme, { values, accumulate: accumulateB, effort: 4 })
  );
}

interface Sweeping {
  readonly values: Float64Array;
  readonly accumulate: typeof accumulateA;
  /** Multiple of the scheme's sweeps that is allowed. */
  readonly effort: number;
}

function sweepUntilSettled(
  market: BoundaryMarket,
  scheme: CollocationScheme,
  { values, accumulate, effort }: Sweeping,
): boolean {
  const logAtExpiry = Math.log(boundaryAtExpiry(market.rate, market.yieldRate));
  const lowest = Math.log(perpetualBoundary(market)) - logAtExpiry;
  const sweepsMax = effort * scheme.sweepsMax;
  let change = Number.POSITIVE_INFINITY;
  const { moves } = scheme;
  startingBoundary(market, scheme, values);
  for (let sweep = 0; sweep < sweepsMax; sweep += 1) {
    const isExtrapolated = sweep >= 2 && sweep % 2 === 0;
    change = 0;
    for (let node = 0; node < scheme.nodeCount; node += 1) {
      accumulate(market, scheme, node, values);
      const old = -Math.sqrt(values[node]!);
      const target = Math.log(sums.top / sums.bottom) - logAtExpiry;
      let move = target - old;
      change = Math.max(change, Math.abs(move));
      if (sweep === 0) {
        // Newton in ln B with the node's own slope; a slope near one would throw it out.
        const slope = sums.topSlope / sums.top - sums.bottomSlope / sums.bottom;
        if (slope < 0.5) move /= 1 - slope;
      } else if (isExtrapolated) {
        // Aitken: moves that shrink by a steady ratio add up to a geometric series.
        const ratio = move / moves[node]!;
        if (ratio > -0.5 && ratio < 0.6) move /= 1 - ratio;
      }
      moves[node] = target - old;
      const next = Math.max(Math.min(old + move, -BOUNDARY_GAP), lowest);
      if (Number.isNaN(next)) return false;
      values[node] = next * next;
    }
    if (change < scheme.tolerance) return true;
  }
  return change < SETTLED;
}
