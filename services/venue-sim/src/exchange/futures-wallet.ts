import {
  absolute,
  add,
  type Decimal,
  divide,
  minimum,
  multiply,
  subtract,
  ZERO,
} from '@cerberus/core';
import type { Side } from '../matching/engine-order.ts';

export interface Position {
  /** Signed. */
  quantity: Decimal;
  entryPrice: Decimal;
}

/** One-way positions in one margin asset. */
export class FuturesWallet {
  walletBalance: Decimal = ZERO;
  readonly positions = new Map<string, Position>();

  of(symbol: string): Position {
    let position = this.positions.get(symbol);
    if (position === undefined) {
      position = { quantity: ZERO, entryPrice: ZERO };
      this.positions.set(symbol, position);
    }
    return position;
  }

  /** Profit that a fill would realise, before it is applied. */
  realizedBy(symbol: string, fill: { side: Side; price: Decimal; quantity: Decimal }): Decimal {
    const position = this.of(symbol);
    const signed = fill.side === 'BUY' ? fill.quantity : (-fill.quantity as Decimal);
    if (position.quantity === 0n || position.quantity > 0n === signed > 0n) return ZERO;
    const closed = minimum(absolute(position.quantity), fill.quantity);
    const move = subtract(fill.price, position.entryPrice);
    const profit = multiply(move, closed);
    return position.quantity > 0n ? profit : (-profit as Decimal);
  }

  apply(
    symbol: string,
    fill: { side: Side; price: Decimal; quantity: Decimal; fee: Decimal; realized: Decimal },
  ): void {
    const position = this.of(symbol);
    const signed = fill.side === 'BUY' ? fill.quantity : (-fill.quantity as Decimal);
    const next = add(position.quantity, signed);
    const extends_ = position.quantity === 0n || position.quantity > 0n === signed > 0n;
    if (next === 0n) position.entryPrice = ZERO;
    else if (extends_) {
      const value = add(
        multiply(position.entryPrice, absolute(position.quantity)),
        multiply(fill.price, fill.quantity),
      );
      position.entryPrice = divide(value, absolute(next));
    } else if (next > 0n !== position.quantity > 0n) position.entryPrice = fill.price;
    position.quantity = next;
    this.walletBalance = subtract(add(this.walletBalance, fill.realized), fill.fee);
  }

  unrealized(symbol: string, mark: Decimal): Decimal {
    const position = this.of(symbol);
    return multiply(subtract(mark, position.entryPrice), position.quantity);
  }
}
