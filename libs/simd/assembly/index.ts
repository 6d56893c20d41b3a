export { americanPrices } from './american';
export { greeks, prices } from './european';
export { impliedVolatilities } from './implied';
export { europeanSums, normals } from './paths';
export { setScheme } from './scheme';
export { growth, revalue, tabulate } from './scenario';

/** First byte that is the caller's. */
export function freeFrom(): usize {
  return (__heap_base + 15) & ~15;
}
