import { type Clock, epochUs } from '@cerberus/core';
import { RequestBudget, TimeOffset } from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';

/** A clock that stands where it is put; the budget needs nothing else of it. */
function standing(startMs: number) {
  let nowMs = startMs;
  const clock = {
    nowUs: () => epochUs(nowMs * 1000),
    monotonicMs: () => nowMs,
  } as Clock;
  return {
    clock,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

const LIMITS = { weightPerMinute: 100, ordersPer10Seconds: 3 };
const QUERY = { weight: 10, orders: 0, priority: 'query' as const };
const ORDER = { weight: 1, orders: 1, priority: 'order' as const };
const SNAPSHOT = { weight: 50, orders: 0, priority: 'background' as const };

describe('RequestBudget', () => {
  test('background work leaves room for queries, queries for orders', () => {
    const { clock } = standing(60_000 * 10 + 15_000);
    const budget = new RequestBudget(clock, LIMITS);
    expect(budget.take(SNAPSHOT)).toEqual({ granted: true });
    expect(budget.take(SNAPSHOT)).toEqual({ granted: false, retryAfterMs: 45_000, by: 'budget' });
    for (let i = 0; i < 4; i += 1) expect(budget.take(QUERY).granted).toBe(true);
    expect(budget.take(QUERY).granted).toBe(false);
    expect(budget.take(ORDER).granted).toBe(true);
  });

  test('orders have their own limit in ten-second windows', () => {
    const { clock, advance } = standing(60_000 * 10 + 4000);
    const budget = new RequestBudget(clock, LIMITS);
    for (let i = 0; i < 3; i += 1) expect(budget.take(ORDER).granted).toBe(true);
    expect(budget.take(ORDER)).toEqual({ granted: false, retryAfterMs: 6000, by: 'budget' });
    advance(6000);
    expect(budget.take(ORDER).granted).toBe(true);
  });

  test('the venue’s own count and its bans are taken over, a new minute is a new budget', () => {
    const { clock, advance } = standing(60_000 * 10);
    const budget = new RequestBudget(clock, LIMITS);
    budget.observeUsedWeight(95);
    expect(budget.take(QUERY).granted).toBe(false);
    expect(budget.take(ORDER).granted).toBe(true);
    budget.closeFor(120_000);
    advance(60_000);
    expect(budget.take(ORDER)).toEqual({ granted: false, retryAfterMs: 60_000, by: 'ban' });
    advance(60_000);
    expect(budget.take(QUERY).granted).toBe(true);
    expect(budget.weightUsed).toBe(10);
  });
});

describe('TimeOffset', () => {
  test('the shortest round trip of the last few decides, and bounds the error', () => {
    const offset = new TimeOffset();
    expect([offset.known, offset.offsetMs, offset.errorMs]).toEqual([false, 0, Infinity]);
    offset.observe({ sentMs: 1000, receivedMs: 1400, serverMs: 1000 + 500 + 390 });
    offset.observe({ sentMs: 2000, receivedMs: 2020, serverMs: 2000 + 500 + 12 });
    offset.observe({ sentMs: 3000, receivedMs: 3300, serverMs: 3000 + 500 + 10 });
    expect(offset.offsetMs).toBe(502);
    expect(offset.errorMs).toBe(10);
    expect(Math.abs(offset.offsetMs - 500)).toBeLessThanOrEqual(offset.errorMs);
    offset.observe({ sentMs: 5000, receivedMs: 4000, serverMs: 0 });
    expect(offset.offsetMs).toBe(502);
  });
});
