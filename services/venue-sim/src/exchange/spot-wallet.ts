import { add, type Decimal, multiply, subtract, ZERO } from '@cerberus/core';
import type { SimOrder } from './sim-order.ts';

export interface Balance {
  free: Decimal;
  locked: Decimal;
}

export interface SpotAssets {
  readonly base: string;
  readonly quote: string;
}

/** Free and locked amounts per asset. Orders lock what they may spend; fills move it. */
export class SpotWallet {
  readonly balances = new Map<string, Balance>();

  of(asset: string): Balance {
    let balance = this.balances.get(asset);
    if (balance === undefined) {
      balance = { free: ZERO, locked: ZERO };
      this.balances.set(asset, balance);
    }
    return balance;
  }

  deposit(asset: string, amount: Decimal): void {
    const balance = this.of(asset);
    balance.free = add(balance.free, amount);
  }

  /** What a limit order ties up for this much of its quantity; market orders tie up nothing. */
  static lockOf(
    order: Pick<SimOrder, 'side' | 'type' | 'price'>,
    quantity: Decimal,
    assets: SpotAssets,
  ): { readonly asset: string; readonly amount: Decimal } {
    const asset = order.side === 'BUY' ? assets.quote : assets.base;
    if (order.type === 'MARKET') return { asset, amount: ZERO };
    return { asset, amount: order.side === 'BUY' ? multiply(order.price, quantity) : quantity };
  }

  lock(asset: string, amount: Decimal): void {
    const balance = this.of(asset);
    balance.free = subtract(balance.free, amount);
    balance.locked = add(balance.locked, amount);
  }

  release(asset: string, amount: Decimal): void {
    this.lock(asset, -amount as Decimal);
  }

  /** Pays from the free amount, so a lock must have been released before. */
  exchange(
    give: { asset: string; amount: Decimal },
    get: { asset: string; amount: Decimal },
  ): void {
    const given = this.of(give.asset);
    given.free = subtract(given.free, give.amount);
    const got = this.of(get.asset);
    got.free = add(got.free, get.amount);
  }
}
