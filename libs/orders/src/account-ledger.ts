import { type Decimal, type Fault, faultOf, negate, type Result, ZERO } from '@cerberus/core';
import type { Fill, PositionAdjustment } from '@cerberus/schema';
import { type ContractTerms, inRange } from './contract-terms.ts';
import { ORDERS_ERRORS } from './errors.ts';
import { applyShift, applyTrade, FLAT, type PositionState, type Traded } from './position.ts';

/** Cash of one currency. Realised profit is before fees. */
export interface Balance {
  readonly cash: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
}

const EMPTY: Balance = Object.freeze({ cash: ZERO, realizedPnl: ZERO, fees: ZERO });

/** What a record changed; nothing where it was refused or seen before. */
export type Booking =
  | {
      readonly kind: 'booked';
      readonly instrumentId: string | null;
      readonly currencies: readonly string[];
      /** Id of a fill that fell out of memory, for a changelog to delete. */
      readonly forgottenFill: string | undefined;
    }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly fault: Fault };

interface Entry {
  readonly instrumentId: string | null;
  readonly position: PositionState | null;
  readonly balances: readonly (readonly [string, Balance])[];
}

export interface AccountLedgerOptions {
  /** Ids of fills remembered against doubles; the oldest is forgotten first. Adjustments are never forgotten. */
  readonly seenFillsMax: number;
}

/** Positions and cash of one account from its fills and adjustments, each booked once, whole or not at all. */
export class AccountLedger {
  readonly accountId: string;
  readonly positions = new Map<string, PositionState>();
  readonly balances = new Map<string, Balance>();
  readonly #seenFills = new Set<string>();
  readonly #seenAdjustments = new Set<string>();
  readonly #seenFillsMax: number;

  constructor(accountId: string, options: AccountLedgerOptions) {
    this.accountId = accountId;
    this.#seenFillsMax = options.seenFillsMax;
  }

  position(instrumentId: string): PositionState {
    return this.positions.get(instrumentId) ?? FLAT;
  }

  balance(currency: string): Balance {
    return this.balances.get(currency) ?? EMPTY;
  }

  applyFill(fill: Fill, terms: ContractTerms): Booking {
    if (this.#seenFills.has(fill.fill_id)) return { kind: 'duplicate' };
    const fault = this.#invalidFill(fill, terms);
    if (fault !== undefined) return { kind: 'refused', fault };
    const entry = this.#fillEntry(fill, terms);
    if (!entry.ok) return { kind: 'refused', fault: entry.error };
    return this.#book(entry.value, this.rememberFill(fill.fill_id));
  }

  /** `terms` are those of the instrument; undefined for cash. */
  applyAdjustment(adjustment: PositionAdjustment, terms: ContractTerms | undefined): Booking {
    if (this.#seenAdjustments.has(adjustment.adjustment_id)) return { kind: 'duplicate' };
    if (adjustment.account_id !== this.accountId) return refuseAdjustment('account_id', adjustment);
    const entry =
      adjustment.instrument_id === null
        ? this.#cashEntry(adjustment)
        : this.#shiftEntry(adjustment, terms);
    if (entry === undefined) return refuseAdjustment('instrument_id', adjustment);
    if (!entry.ok) return { kind: 'refused', fault: entry.error };
    this.rememberAdjustment(adjustment.adjustment_id);
    return this.#book(entry.value, undefined);
  }

  /** Also for restoring, oldest first. Gives the id that had to be forgotten for it, if any. */
  rememberFill(id: string): string | undefined {
    this.#seenFills.add(id);
    if (this.#seenFills.size <= this.#seenFillsMax) return undefined;
    const [oldest] = this.#seenFills;
    if (oldest !== undefined) this.#seenFills.delete(oldest);
    return oldest;
  }

  /** Also for restoring. They are few, and made by people: an opening file may come again after years. */
  rememberAdjustment(id: string): void {
    this.#seenAdjustments.add(id);
  }

  #book({ instrumentId, position, balances }: Entry, forgottenFill: string | undefined): Booking {
    if (instrumentId !== null && position !== null) this.positions.set(instrumentId, position);
    for (const [currency, balance] of balances) this.balances.set(currency, balance);
    const currencies = balances.map(([currency]) => currency);
    return { kind: 'booked', instrumentId, currencies, forgottenFill };
  }

  #invalidFill(fill: Fill, terms: ContractTerms): Fault | undefined {
    const field =
      (fill.account_id !== this.accountId && 'account_id') ||
      (fill.instrument_id !== terms.instrumentId && 'instrument_id') ||
      (fill.quantity <= 0n && 'quantity') ||
      (fill.price < 0n && 'price');
    if (field === false) return undefined;
    return faultOf(ORDERS_ERRORS.FILL_INVALID, {
      path: `fill.${field}`,
      expected: 'a positive quantity at a price, of this account and instrument',
      received: String(fill[field]),
    });
  }

  #fillEntry(fill: Fill, terms: ContractTerms): Result<Entry> {
    const signed = fill.side === 'BUY' ? fill.quantity : negate(fill.quantity);
    const trade = { quantity: signed, price: fill.price };
    const traded = applyTrade(this.position(fill.instrument_id), trade, terms);
    if (!traded.ok) return traded;
    const charged = chargeFee(traded.value, fill, terms);
    if (!charged.ok) return charged;
    const { position, realized, feeDeducted, feePaid } = charged.value;
    const flow = terms.settlement === 'cash' ? -traded.value.value : realized;
    const main = moved(this.balance(terms.currency), {
      cash: flow - feeDeducted,
      realized,
      fee: feePaid,
    });
    const fees = position.fees + feePaid;
    if (main === undefined || !inRange(fees)) return outOfRange('balance');
    const balances: [string, Balance][] = [[terms.currency, main]];
    if (isForeignFee(fill, terms)) {
      const { fee, fee_currency: currency } = fill;
      const other = moved(this.balance(currency), { cash: -fee, realized: 0n, fee });
      if (other === undefined) return outOfRange('balance');
      balances.push([currency, other]);
    }
    const entry = { instrumentId: fill.instrument_id, position: { ...position, fees }, balances };
    return { ok: true, value: entry };
  }

  #cashEntry({ currency, quantity }: PositionAdjustment): Result<Entry> {
    const balance = moved(this.balance(currency), { cash: quantity, realized: 0n, fee: 0n });
    if (balance === undefined) return outOfRange('cash');
    return {
      ok: true,
      value: { instrumentId: null, position: null, balances: [[currency, balance]] },
    };
  }

  #shiftEntry(
    adjustment: PositionAdjustment,
    terms: ContractTerms | undefined,
  ): Result<Entry> | undefined {
    const instrumentId = adjustment.instrument_id;
    if (instrumentId === null || terms?.instrumentId !== instrumentId) return undefined;
    if (adjustment.price !== null && adjustment.price < 0n) return undefined;
    const shifted = applyShift(this.position(instrumentId), adjustment, terms);
    if (!shifted.ok) return shifted;
    return { ok: true, value: { instrumentId, position: shifted.value, balances: [] } };
  }
}

interface Charged {
  readonly position: PositionState;
  readonly realized: Decimal;
  /** Taken from the cash of the settlement currency. */
  readonly feeDeducted: Decimal;
  /** In the settlement currency, however it was paid. */
  readonly feePaid: Decimal;
}

/**
 * A fee in the settlement currency comes out of its cash. A fee in the coins delivered is a disposal
 * of them at the fill's price whose proceeds pay it. Any other currency leaves the position alone.
 */
function chargeFee(traded: Traded, fill: Fill, terms: ContractTerms): Result<Charged> {
  const { position, realized } = traded;
  const { fee } = fill;
  if (fill.fee_currency === terms.currency) {
    return { ok: true, value: { position, realized, feeDeducted: fee, feePaid: fee } };
  }
  if (fill.fee_currency !== terms.deliveredCurrency) {
    return { ok: true, value: { position, realized, feeDeducted: ZERO, feePaid: ZERO } };
  }
  const kept = { quantity: negate(fee), price: fill.price };
  const disposal = applyTrade(position, kept, terms);
  if (!disposal.ok) return disposal;
  const total = realized + disposal.value.realized;
  if (!inRange(total)) return outOfRange('realized');
  const feePaid = negate(disposal.value.value);
  return {
    ok: true,
    value: { position: disposal.value.position, realized: total, feeDeducted: ZERO, feePaid },
  };
}

function isForeignFee(fill: Fill, terms: ContractTerms): boolean {
  const { fee_currency: currency } = fill;
  return fill.fee !== 0n && currency !== terms.currency && currency !== terms.deliveredCurrency;
}

function moved(
  balance: Balance,
  by: { readonly cash: bigint; readonly realized: bigint; readonly fee: bigint },
): Balance | undefined {
  const cash = balance.cash + by.cash;
  const realizedPnl = balance.realizedPnl + by.realized;
  const fees = balance.fees + by.fee;
  if (!inRange(cash) || !inRange(realizedPnl) || !inRange(fees)) return undefined;
  return { cash, realizedPnl, fees };
}

function outOfRange(path: string): Result<never> {
  return {
    ok: false,
    error: faultOf(ORDERS_ERRORS.OUT_OF_RANGE, { path, expected: 'a magnitude below 10^20' }),
  };
}

function refuseAdjustment(path: string, adjustment: PositionAdjustment): Booking {
  return {
    kind: 'refused',
    fault: faultOf(ORDERS_ERRORS.ADJUSTMENT_INVALID, {
      path: `adjustment.${path}`,
      expected: 'an adjustment of this account and a known instrument at a price of 0 or more',
      received: `${adjustment.account_id} ${adjustment.instrument_id ?? adjustment.currency}`,
    }),
  };
}
