import { type Decimal, decimalFromUnits } from '@cerberus/core';
import type { OrderRequest, OrderStatus } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, type GateBook, maxQuantity } from '../src/index.ts';
import { BTC, decision, event, gate, later, limit, MANDATORY, order, quote } from './fixtures.ts';

const UNIT = 10n ** 18n;
const POSITION_MAX = 20n * UNIT;
const NOTIONAL_MAX = 500_000n * UNIT;
const LOT = UNIT / 1000n;

type Step =
  | {
      kind: 'order' | 'replace';
      side: 'BUY' | 'SELL';
      lots: bigint;
      cents: bigint;
      market: boolean;
      pick: number;
    }
  | { kind: 'event'; pick: number; status: OrderStatus; share: number }
  | { kind: 'price'; mid: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('order', 'order', 'replace') as fc.Arbitrary<'order' | 'replace'>,
      side: fc.constantFrom('BUY', 'SELL') as fc.Arbitrary<'BUY' | 'SELL'>,
      lots: fc.bigInt(1n, 12_000n),
      cents: fc.bigInt(5_600_000n, 6_400_000n),
      market: fc.boolean(),
      pick: fc.nat(50),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      pick: fc.nat(50),
      status: fc.constantFrom<OrderStatus>(
        'NEW',
        'PARTIALLY_FILLED',
        'FILLED',
        'CANCELED',
        'REJECTED',
        'EXPIRED',
        'UNKNOWN',
        'PENDING_CANCEL',
        'REPLACED',
      ),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      mid: fc.integer({ min: 55_000, max: 65_000 }),
    }),
  },
);

interface Venue {
  readonly request: OrderRequest;
  /** Largest quantity approved for it: what the venue might hold. */
  approved: bigint;
  quantity: bigint;
  filled: bigint;
  sequence: number;
  done: boolean;
}

/** Positions as a venue would have them; the gate's own figures are not used to judge it. */
class World {
  readonly book: GateBook = gate();
  readonly orders: Venue[] = [];
  position = 0n;
  mid = 60_000;
  accepted = 0;

  run(each: Step, index: number): void {
    if (each.kind === 'event') this.tell(each);
    else if (each.kind === 'price') this.move(each.mid, index);
    else this.ask(each, index);
    this.check();
  }

  move(mid: number, index: number): void {
    this.mid = mid;
    const time = later(index);
    this.book.apply(
      'md.quote',
      quote({ bid_price: mid - 0.5, ask_price: mid + 0.5, receive_time: time }),
    );
  }

  ask(each: Extract<Step, { kind: 'order' | 'replace' }>, index: number): void {
    const target =
      each.kind === 'replace'
        ? this.orders[each.pick % Math.max(1, this.orders.length)]
        : undefined;
    if (each.kind === 'replace' && target === undefined) return;
    const request = order({
      ...(target?.request ?? {}),
      kind: each.kind === 'replace' ? 'REPLACE' : 'NEW',
      request_id: `r${index}`,
      order_id: target?.request.order_id ?? `o${index}`,
      side: target?.request.side ?? each.side,
      order_type: each.market ? 'MARKET' : 'LIMIT',
      quantity: decimalFromUnits(each.lots * LOT),
      limit_price: each.market ? null : decimalFromUnits((each.cents * UNIT) / 100n),
    });
    const options = { nowUs: later(index) };
    const verdict = evaluate(this.book, request, options);
    this.checkMaxQuantity(request, options.nowUs, verdict.passed);
    this.book.apply(
      'order.decision',
      decision(request, { outcome: verdict.passed ? 'APPROVED' : 'BLOCKED' }),
    );
    if (!verdict.passed) return;
    this.accepted += 1;
    expect(this.worth(request)).toBeLessThanOrEqual(NOTIONAL_MAX);
    if (target !== undefined) {
      if (request.quantity > target.approved) target.approved = request.quantity;
      return;
    }
    this.orders.push({
      request,
      approved: request.quantity,
      quantity: request.quantity,
      filled: 0n,
      sequence: 0,
      done: false,
    });
  }

  checkMaxQuantity(request: OrderRequest, nowUs: ReturnType<typeof later>, passed: boolean): void {
    const gateOrder = request as Parameters<typeof evaluate>[1];
    const most = maxQuantity(this.book, gateOrder, { nowUs });
    expect(passed).toBe(
      request.quantity <= most && evaluate(this.book, gateOrder, { nowUs }).passed,
    );
    if (most === 0n) return;
    const at = (quantity: bigint) =>
      evaluate(this.book, { ...gateOrder, quantity: quantity as Decimal }, { nowUs }).passed;
    expect(at(most)).toBe(true);
    expect(at(most + LOT)).toBe(false);
  }

  /** The venue says something of an order: any status, any part of what was approved filled. */
  tell(each: Extract<Step, { kind: 'event' }>): void {
    const venue = this.orders[each.pick % Math.max(1, this.orders.length)];
    if (venue === undefined || venue.done) return;
    if (each.status === 'REPLACED')
      venue.quantity = venue.approved > venue.filled ? venue.approved : venue.quantity;
    const room = venue.quantity - venue.filled;
    const part = (room * BigInt(Math.round(each.share * 1000))) / 1000n;
    const filled = each.status === 'FILLED' ? room : each.status === 'REJECTED' ? 0n : part;
    venue.filled += filled;
    venue.sequence += 1;
    venue.done = ['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'].includes(each.status);
    this.position += venue.request.side === 'BUY' ? filled : -filled;
    const told = event(venue.request, {
      sequence: venue.sequence,
      status: each.status,
      quantity: venue.quantity as Decimal,
      filled_quantity: venue.filled as Decimal,
    });
    this.book.apply('order.event', told);
    this.book.apply('order.event', told);
  }

  worth(request: OrderRequest): bigint {
    return (request.quantity * (request.limit_price ?? BigInt(this.mid) * UNIT)) / UNIT;
  }

  check(): void {
    const open = (side: string) =>
      this.orders
        .filter(({ done, request }) => !done && request.side === side)
        .reduce(
          (sum, { approved, quantity, filled }) =>
            sum + (approved > quantity ? approved : quantity) - filled,
          0n,
        );
    expect(this.position + open('BUY')).toBeLessThanOrEqual(POSITION_MAX);
    expect(-this.position + open('SELL')).toBeLessThanOrEqual(POSITION_MAX);
    expect(this.book.account('demo')?.exposure(BTC).position ?? 0n).toBe(this.position);
  }
}

describe('no sequence of accepted orders can exceed a limit', () => {
  test('whatever is filled, canceled, rejected, changed or left unknown', () => {
    let accepted = 0;
    let steps = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (all) => {
        const world = new World();
        for (const [index, each] of all.entries()) world.run(each, index + 1);
        accepted += world.accepted;
        steps += all.length;
      }),
      { numRuns: 400 },
    );
    // The property would hold of a gate that refuses everything.
    expect(accepted).toBeGreaterThan(steps / 20);
  });

  test('a limit in dollars bounds the position at the price it was judged at', () => {
    const dollars = limit({ limit_type: 'position', unit: 'USD', hard: '300000' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('BUY', 'SELL'), fc.bigInt(1n, 8000n)), { maxLength: 30 }),
        (asked) => {
          const book = gate([...MANDATORY, dollars]);
          const open = { BUY: 0n, SELL: 0n };
          asked.forEach(([side, lots], index) => {
            const request = order({
              request_id: `r${index}`,
              order_id: `o${index}`,
              side: side as 'BUY' | 'SELL',
              quantity: decimalFromUnits(lots * LOT),
            });
            if (!evaluate(book, request, { nowUs: later(0) }).passed) return;
            book.apply('order.decision', decision(request));
            open[side as 'BUY' | 'SELL'] += request.quantity;
          });
          expect(open.BUY * 60_000n).toBeLessThanOrEqual(300_000n * UNIT);
          expect(open.SELL * 60_000n).toBeLessThanOrEqual(300_000n * UNIT);
        },
      ),
      { numRuns: 200 },
    );
  });
});
