import { type Decimal, ZERO } from '@cerberus/core';
import type { Side } from '../matching/engine-order.ts';
import type { AccountBook } from './account-book.ts';
import { FuturesWallet } from './futures-wallet.ts';

/** Positions as they will be after the fills of one group that are not booked yet. */
export class PendingPositions {
  readonly #book: AccountBook;
  readonly #wallets = new Map<string, FuturesWallet>();

  constructor(book: AccountBook) {
    this.#book = book;
  }

  /** Profit that this fill realises after the earlier ones of the group. */
  realize(
    account: string,
    symbol: string,
    fill: { readonly side: Side; readonly price: Decimal; readonly quantity: Decimal },
  ): Decimal {
    let wallet = this.#wallets.get(account);
    if (wallet === undefined) {
      wallet = new FuturesWallet();
      this.#wallets.set(account, wallet);
    }
    if (!wallet.positions.has(symbol)) {
      wallet.positions.set(symbol, { ...this.#book.account(account).futures.of(symbol) });
    }
    const realized = wallet.realizedBy(symbol, fill);
    wallet.apply(symbol, { ...fill, fee: ZERO, realized });
    return realized;
  }
}
