import { epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { UuidV7Source } from '../src/ids.ts';
import { SeededRng } from '../src/rng.ts';

describe('UuidV7Source', () => {
  test('carries the time of RFC 9562 appendix A.6 and its version and variant', () => {
    // 2022-02-22T19:22:22.000Z = 0x017F22E279B0 ms.
    const clock = { nowUs: () => epochUs(0x017f22e279b0 * 1000) };
    const id = new UuidV7Source(clock, new SeededRng(1)).next();
    expect(id).toMatch(/^017f22e2-79b0-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('strictly increases while the clock stands still or goes back', () => {
    let us = 1_700_000_000_000_999;
    const source = new UuidV7Source({ nowUs: () => epochUs(us) }, new SeededRng(1));
    const ids = Array.from({ length: 10_000 }, (_, index) => {
      if (index === 5000) us -= 5_000_000;
      return source.next();
    });
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
