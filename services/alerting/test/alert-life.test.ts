import { type EpochUs, epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { type Condition, raise, resolve } from '../src/alert-life.ts';

const condition: Condition = {
  rule: 'stale_feed',
  category: 'market-data',
  severity: 'WARNING',
  subject: 'BTCUSDT.BINANCE',
  message: 'stale',
  data: {},
  actions: [],
};
const at = (now: number) => ({ now: epochUs(now) as EpochUs, cooldownUs: 100 });

describe('the life of an alert', () => {
  test('a condition is told once, then counted until the cooldown is over', () => {
    const first = raise(undefined, condition, at(1000));
    expect(first).toMatchObject({ tell: true, alert: { state: 'RAISED', count: 1 } });
    const second = raise(first.alert, condition, at(1050));
    expect(second).toMatchObject({ tell: false, alert: { count: 2 } });
    expect(second.alert.alert_id).toBe(first.alert.alert_id);
    expect(raise(second.alert, condition, at(1100))).toMatchObject({
      tell: true,
      alert: { count: 3 },
    });
  });

  test('what grows graver is told at once, and again needs acknowledging', () => {
    const { alert } = raise(undefined, condition, at(1000));
    const acknowledged = { ...alert, state: 'ACKNOWLEDGED' as const };
    expect(raise(acknowledged, { ...condition, severity: 'CRITICAL' }, at(1001))).toMatchObject({
      tell: true,
      alert: { severity: 'CRITICAL', state: 'RAISED' },
    });
    expect(raise(acknowledged, { ...condition, severity: 'INFO' }, at(1001))).toMatchObject({
      tell: false,
      alert: { severity: 'WARNING', state: 'ACKNOWLEDGED' },
    });
  });

  test('an end is told once, and the next occurrence is a new alert', () => {
    const { alert } = raise(undefined, condition, at(1000));
    const resolved = resolve(alert, epochUs(1010));
    expect(resolved).toMatchObject({ state: 'RESOLVED', updated_at: 1010 });
    expect(resolve(resolved, epochUs(1020))).toBeUndefined();
    expect(raise(resolved, condition, at(1030)).alert.alert_id).not.toBe(alert.alert_id);
  });
});
