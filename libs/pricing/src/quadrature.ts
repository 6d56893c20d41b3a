/** Nodes in (−1, 1) and weights of a quadrature rule. */
export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const rules = new Map<number, QuadratureRule>();
/** Rules are kept for every order asked for; orders are bounded, and so is the memory. */
const ORDER_MAX = 512;

/**
 * Gauss-Legendre rule of `order` points, exact for polynomials of degree 2·order − 1. Nodes by Newton's
 * method on the three-term recurrence from Tricomi's estimate, to the last bit; rules are remembered.
 */
export function gaussLegendre(order: number): QuadratureRule {
  const size = Math.min(Math.max(1, Math.round(order)), ORDER_MAX);
  const known = rules.get(size);
  if (known !== undefined) return known;
  const nodes = new Float64Array(size);
  const weights = new Float64Array(size);
  for (let index = 0; index < (size + 1) >> 1; index += 1) {
    let x = Math.cos((Math.PI * (index + 0.75)) / (size + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 20; iteration += 1) {
      let previous = 1;
      let value = x;
      for (let degree = 2; degree <= size; degree += 1) {
        const next = ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree;
        previous = value;
        value = next;
      }
      slope = (size * (x * value - previous)) / (x * x - 1);
      const step = value / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    nodes[index] = -x;
    nodes[size - 1 - index] = x;
    const weight = 2 / ((1 - x * x) * slope * slope);
    weights[index] = weight;
    weights[size - 1 - index] = weight;
  }
  if (size % 2 === 1) nodes[size >> 1] = 0;
  const rule = { nodes, weights };
  rules.set(size, rule);
  return rule;
}
