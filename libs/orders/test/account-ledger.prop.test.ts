import { type Decimal, decimalFromUnits, ZERO } from '@cerberus/core';
import type { Fill } from '@cerberus/schema';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountLedger, type ContractTerms, contractTerms, tradeValue } from '../src/index.ts';
import { fill, INVERSE, instrument, PERPETUAL } from './fixtures.ts';

const SPOT = contractTerms(instrument());
const PERP = contractTerms(PERPETUAL);
const COIN = contractTerms(INVERSE);
const UNIT = 10n ** 18n;

/** Prices with 2 and quantities with 5 decimal places, as venues quote them. */
const trade = fc.record({
  side: fc.constantFrom('BUY', 'SELL') as fc.Arbitrary<'BUY' | 'SELL'>,
  price: fc.bigInt(1n, 10n ** 8n).map((n) => decimalFromUnits(n * 10n ** 16n)),
  quantity: fc.bigInt(1n, 10n ** 8n).map((n) => decimalFromUnits(n * 10n ** 13n)),
  fee: fc.bigInt(-100n, 1000n).map((n) => decimalFromUnits(n * 10n ** 12n)),
  feeCurrency: fc.constantFrom('USDT', 'BTC', 'BNB'),
});

/** Arrivals: the trades in another order, some of them twice. */
const shuffled = fc.array(trade, { minLength: 1, maxLength: 25 }).chain((trades) =>
  fc.record({
    trades: fc.constant(trades),
    arrivals: fc
      .array(fc.nat(trades.length - 1), { maxLength: 20 })
      .chain((twice) => shuffle([...trades.keys(), ...twice])),
  }),
);

function shuffle(indices: number[]): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(indices, { minLength: indices.length });
}

const terms = fc.constantFrom(SPOT, PERP, COIN);

function fills(
  trades: readonly (typeof trade extends fc.Arbitrary<infer T> ? T : never)[],
  of: ContractTerms,
): Fill[] {
  return trades.map((each, index) =>
    fill({
      fill_id: String(index),
      instrument_id: of.instrumentId,
      side: each.side,
      price: each.price,
      quantity: each.quantity,
      fee: each.fee,
      fee_currency: each.feeCurrency,
    }),
  );
}

function booked(all: readonly Fill[], of: ContractTerms): AccountLedger {
  const book = new AccountLedger('demo', { seenFillsMax: 1000 });
  for (const each of all) expect(book.applyFill(each, of).kind).not.toBe('refused');
  return book;
}

describe('positions whatever the order of arrival', () => {
  test('shuffled and repeated fills give the same quantity, fees, cash and total profit', () => {
    fc.assert(
      fc.property(shuffled, terms, ({ trades, arrivals }, of) => {
        const all = fills(trades, of);
        const straight = booked(all, of);
        const mixed = booked(
          arrivals.map((index) => all[index]!),
          of,
        );
        const [a, b] = [straight.position(of.instrumentId), mixed.position(of.instrumentId)];
        expect(b.quantity).toBe(a.quantity);
        expect(b.fees).toBe(a.fees);
        // Realised plus unrealised at any mark: the mark's part depends on the quantity alone.
        expect(b.realizedPnl - b.cost).toBe(a.realizedPnl - a.cost);
        if (of.settlement === 'cash') {
          expect(mixed.balance(of.currency).cash).toBe(straight.balance(of.currency).cash);
        }
        expect(mixed.balance('BNB')).toEqual(straight.balance('BNB'));
      }),
      { numRuns: 300 },
    );
  });

  test('profit is conserved: realised − cost is minus the value traded, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 30 }), terms, (trades, of) => {
        const all = fills(trades, of);
        const { realizedPnl, cost } = booked(all, of).position(of.instrumentId);
        let value = 0n;
        for (const each of all) {
          value += tradeValue(of, signed(each, each.quantity), each.price)!;
          if (each.fee_currency === of.deliveredCurrency) {
            value += tradeValue(of, -each.fee as Decimal, each.price)!;
          }
        }
        expect(realizedPnl - cost).toBe(-value);
      }),
      { numRuns: 300 },
    );
  });

  test('a position traded back to nothing has no cost left and keeps its profit', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), terms, (trades, of) => {
        const book = booked(fills(trades, of), of);
        const { quantity } = book.position(of.instrumentId);
        if (quantity === 0n) return;
        const closing = fill({
          fill_id: 'close',
          instrument_id: of.instrumentId,
          side: quantity > 0n ? 'SELL' : 'BUY',
          quantity: (quantity > 0n ? quantity : -quantity) as Decimal,
        });
        book.applyFill(closing, of);
        expect(book.position(of.instrumentId)).toMatchObject({ quantity: ZERO, cost: ZERO });
      }),
      { numRuns: 200 },
    );
  });

  test('cash is conserved: paid for value and fees on spot, for profit and fees on margin', () => {
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 30 }), terms, (trades, of) => {
        const book = booked(fills(trades, of), of);
        const { cash, realizedPnl, fees } = book.balance(of.currency);
        const position = book.position(of.instrumentId);
        expect(position.realizedPnl).toBe(realizedPnl);
        // Spot: cash + cost = realised − fees. Margin: cash = realised − fees.
        const held = of.settlement === 'cash' ? position.cost : 0n;
        expect(cash + held).toBe(realizedPnl - fees);
      }),
      { numRuns: 300 },
    );
  });

  test('the sign of the cost follows the side of the position', () => {
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 30 }), terms, (trades, of) => {
        const { quantity, cost } = booked(fills(trades, of), of).position(of.instrumentId);
        const side = of.inverse ? -quantity : quantity;
        expect(side >= 0n ? cost >= -UNIT / 10n ** 12n : cost <= UNIT / 10n ** 12n).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

function signed(of: Fill, quantity: Decimal): Decimal {
  return (of.side === 'BUY' ? quantity : -quantity) as Decimal;
}
