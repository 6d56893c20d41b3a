import { BookSide } from '@cerberus/venues';
import { expect, test } from '@jest/globals';

/** Deterministic congruential generator (Numerical Recipes, 3rd ed., section 7.1.7 constants). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each(['bid', 'ask'] as const)('%s side equals a sorted map after any changes', (side) => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = generator(seed);
    const fast = new BookSide(side);
    const naive = new Map<number, number>();
    for (let change = 0; change < 3000; change += 1) {
      const ticks = Math.floor(random() * 1500);
      const units = random() < 0.4 ? 0 : Math.floor(random() * 1000) + 1;
      fast.set(ticks, units);
      if (units === 0) naive.delete(ticks);
      else naive.set(ticks, units);
    }
    const expected = [...naive].sort((a, b) => (side === 'bid' ? b[0] - a[0] : a[0] - b[0]));
    expect(fast.top(1e6)).toEqual(expected.flat());
    expect(fast.size).toBe(naive.size);
    for (const [ticks, units] of expected.slice(0, 50))
      expect(fast.unitsAtPrice(ticks)).toBe(units);
    expect(fast.top(3)).toEqual(expected.slice(0, 3).flat());
  }
});
