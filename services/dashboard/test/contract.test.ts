import { describe, expect, test } from '@jest/globals';
import {
  alertsOf,
  greeksOf,
  killSwitchesOf,
  leaderOf,
  listOf,
  marketOf,
  messageOf,
  ordersOf,
  riskOf,
} from '../src/contract.ts';

describe('what the gateway sends', () => {
  test('lists come bare, paged or named', () => {
    expect(listOf([1])).toEqual([1]);
    expect(listOf({ items: [2], next_cursor: null })).toEqual([2]);
    expect(listOf({ positions: [3] }, 'positions')).toEqual([3]);
    expect(listOf(null)).toEqual([]);
  });

  test('what is no message is none', () => {
    expect(messageOf('{"type":1}')).toBeNull();
    expect(messageOf('[]')).toBeNull();
    expect(messageOf('nonsense')).toBeNull();
    expect(messageOf('{"type":"error","message":"no"}')?.seq).toBeNaN();
  });

  test('an empty side of a book has no price', () => {
    const { quotes } = marketOf({ quotes: [{ symbol: 'X', bid_price: 0, ask_price: '1.5' }] });
    expect(quotes[0]).toMatchObject({ bid_price: null, ask_price: '1.5' });
  });

  test('vega and rho are per point, and what is missing stays missing', () => {
    const [known, unknown] = greeksOf({
      positions: [
        { vega: 250, rho: -40, theta: -3 },
        { vega: null, rho: null, theta: null },
      ],
    });
    expect(known).toMatchObject({ vega: 2.5, rho: -0.4, theta: -3 });
    expect(unknown).toMatchObject({ vega: null, rho: null, theta: null });
    const traders = greeksOf({ units: 'trader', positions: [{ vega: 2.5, rho: 1 }] });
    expect(traders[0]).toMatchObject({ vega: 2.5, rho: 1 });
  });

  test('risk comes for one account or for several', () => {
    const metrics = { account_id: 'demo', portfolio_vega: 700, largest_position_pct: 37.7 };
    expect(riskOf(metrics)[0]?.portfolio_vega).toBeCloseTo(7, 12);
    expect(riskOf([metrics, metrics])).toHaveLength(2);
    expect(riskOf({ accounts: [metrics] })[0]?.largest_position_pct).toBeCloseTo(0.377, 12);
    expect(riskOf({})).toEqual([]);
  });

  test('the leader of several is the one that may send orders, and none is none', () => {
    const items = [
      { service: 'alerting', leader_id: 'b', token: 7, since: 'x' },
      {
        ...{ service: 'execution', leader_id: 'a', instance_id: 'a', token: 42, since: 't' },
        ...{ state: 'leading', standbys: ['b', 'c'], silent_ms: 12 },
      },
    ];
    expect(leaderOf({ items })).toEqual({
      ...{ leader_id: 'a', instance_id: 'a', token: '42', since: 't' },
      ...{ standbys: ['b', 'c'], silent_ms: 12 },
    });
    const silent = { leader_id: null, instance_id: 'a', state: 'silent', silent_ms: 9000 };
    expect(leaderOf({ items: [{ service: 'execution', ...silent }] })).toMatchObject({
      ...{ leader_id: null, instance_id: 'a', silent_ms: 9000, standbys: [] },
    });
  });

  test('a switch that does not say that it is off is on', () => {
    expect(killSwitchesOf([{ scope: 'FIRM', id: 'firm' }])[0]).toMatchObject({
      scope: 'firm',
      active: true,
    });
    expect(
      killSwitchesOf({ items: [{ scope: 'account', id: 'a', active: false }] })[0]?.active,
    ).toBe(false);
  });

  test('orders, fills and alerts come alone or in a snapshot', () => {
    const order = { order_id: 'o' };
    expect(ordersOf({ type: 'order', seq: 1, data: { order, event: 'NEW' } }).orders).toEqual([
      order,
    ]);
    expect(ordersOf({ type: 'snapshot', seq: 1, data: { orders: [order] } }).orders).toEqual([
      order,
    ]);
    const fill = ordersOf({ type: 'fill', seq: 1, data: { fill: { fill_id: 'f', price: '1' } } });
    expect(fill.fills[0]).toMatchObject({ fill_id: 'f', price: '1', fee: null });
    const alert = {
      type: 'alert',
      seq: 9,
      severity: 'CRITICAL',
      message: 'm',
      data: { alert_id: 'a' },
    };
    expect(alertsOf(alert)[0]).toMatchObject({
      alert_id: 'a',
      severity: 'critical',
      resolved: false,
    });
  });
});
