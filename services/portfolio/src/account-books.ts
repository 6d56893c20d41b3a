import type { HandlerContext, StateStore } from '@cerberus/bus';
import { CerberusError, type EpochUs, faultOf } from '@cerberus/core';
import {
  AccountLedger,
  averagePrice,
  type Booking,
  type ContractTerms,
  contractTerms,
  requireAccountId,
} from '@cerberus/orders';
import type { Fill, Instrument, PositionAdjustment } from '@cerberus/schema';
import { type BookEntry, entryKey, parseEntryKey, type Waiting } from './book-entry.ts';
import { PORTFOLIO_ERRORS } from './errors.ts';

/** Fills of one account remembered against doubles, far more than a venue re-reports on reconnect. */
const SEEN_FILLS_MAX = 20_000;
/** Records of one partition that may wait for their instrument; the next is set aside. */
const WAITING_MAX = 10_000;

type Context = HandlerContext<BookEntry>;
type Outcome = 'booked' | 'duplicate' | 'waiting';

export interface InstrumentSource {
  get(instrumentId: string): Instrument | undefined;
}

/** The ledgers of the accounts of one partition, as its state has them. */
class Ledgers {
  readonly #byAccount = new Map<string, AccountLedger>();
  readonly waiting = new Map<string, Waiting>();

  constructor(state: StateStore<BookEntry>) {
    for (const [key, entry] of state.entries()) this.#restore(key, entry);
  }

  of(accountId: string): AccountLedger {
    const known = this.#byAccount.get(accountId);
    if (known !== undefined) return known;
    const ledger = new AccountLedger(accountId, { seenFillsMax: SEEN_FILLS_MAX });
    this.#byAccount.set(accountId, ledger);
    return ledger;
  }

  #restore(key: string, entry: BookEntry): void {
    const { accountId, name } = parseEntryKey(key);
    const ledger = this.of(accountId);
    switch (entry.kind) {
      case 'position':
        ledger.positions.set(name, entry.position);
        break;
      case 'balance':
        ledger.balances.set(name, entry.balance);
        break;
      case 'fill':
        ledger.rememberFill(name);
        break;
      case 'adjustment':
        ledger.rememberAdjustment(name);
        break;
      case 'waiting-fill':
      case 'waiting-adjustment':
        this.waiting.set(key, entry);
        break;
      case 'account':
        break;
    }
  }
}

/**
 * Books fills and adjustments of a partition: state and outputs are those of its task, so that they
 * commit with the record's offset.
 */
export class AccountBooks {
  readonly #instruments: InstrumentSource;

  constructor(instruments: InstrumentSource) {
    this.#instruments = instruments;
  }

  bookFill(fill: Fill, context: Context): Outcome {
    requireAccountId(fill.account_id);
    const instrument = this.#instruments.get(fill.instrument_id);
    if (instrument === undefined) {
      return this.#wait(
        { kind: 'waiting-fill', message: fill, refused: null },
        fill.fill_id,
        context,
      );
    }
    const terms = contractTerms(instrument);
    const ledger = context.memory(restored).of(fill.account_id);
    const outcome = write(
      ledger.applyFill(fill, terms),
      { ledger, terms, timeUs: fill.event_time },
      context,
    );
    if (outcome === 'booked') {
      context.state.put(entryKey('fill', fill.account_id, fill.fill_id), { kind: 'fill' });
    }
    return outcome;
  }

  bookAdjustment(adjustment: PositionAdjustment, context: Context): Outcome {
    const { account_id: accountId, adjustment_id: id, instrument_id: instrumentId } = adjustment;
    requireAccountId(accountId);
    const instrument = instrumentId === null ? undefined : this.#instruments.get(instrumentId);
    if (instrumentId !== null && instrument === undefined) {
      return this.#wait(
        { kind: 'waiting-adjustment', message: adjustment, refused: null },
        id,
        context,
      );
    }
    const terms = instrument === undefined ? undefined : contractTerms(instrument);
    const ledger = context.memory(restored).of(accountId);
    const outcome = write(
      ledger.applyAdjustment(adjustment, terms),
      { ledger, terms, timeUs: adjustment.time },
      context,
    );
    if (outcome === 'booked') {
      context.state.put(entryKey('adjustment', accountId, id), { kind: 'adjustment' });
    }
    return outcome;
  }

  /** Books what waited for an instrument that is known by now; gives how many still wait. */
  retryWaiting(context: Context): number {
    const { waiting } = context.memory(restored);
    for (const [key, entry] of [...waiting]) {
      const { instrument_id: id } = entry.message;
      if (entry.refused !== null || id === null || !this.#instruments.get(id)) continue;
      const refused = this.#retry(entry, context);
      if (refused === null) {
        waiting.delete(key);
        context.state.delete(key);
      } else {
        waiting.set(key, { ...entry, refused });
        context.state.put(key, { ...entry, refused });
      }
    }
    return waiting.size;
  }

  /** Why the record was refused, null where it was booked. */
  #retry(entry: Waiting, context: Context): string | null {
    try {
      if (entry.kind === 'waiting-fill') this.bookFill(entry.message, context);
      else this.bookAdjustment(entry.message, context);
      return null;
    } catch (error) {
      // A refused record changes nothing, so what else waits can be booked in the same step.
      if (error instanceof CerberusError) return error.message;
      throw error;
    }
  }

  #wait(waiting: Waiting, id: string, context: Context): Outcome {
    const key = entryKey(waiting.kind, waiting.message.account_id, id);
    if (context.state.has(key)) return 'duplicate';
    const { waiting: all } = context.memory(restored);
    if (all.size >= WAITING_MAX) {
      const received = `${all.size}`;
      throw new CerberusError(faultOf(PORTFOLIO_ERRORS.WAITING_FULL, { received }));
    }
    all.set(key, waiting);
    context.state.put(key, waiting);
    return 'waiting';
  }
}

function restored(state: StateStore<BookEntry>): Ledgers {
  return new Ledgers(state);
}

interface Booked {
  readonly ledger: AccountLedger;
  readonly terms: ContractTerms | undefined;
  readonly timeUs: EpochUs;
}

/** State and outputs of a booking; a refused record throws and becomes a dead letter. */
function write(booking: Booking, booked: Booked, context: Context): Outcome {
  if (booking.kind === 'refused') throw new CerberusError(booking.fault);
  if (booking.kind === 'duplicate') return 'duplicate';
  const { accountId } = booked.ledger;
  const { instrumentId, currencies, forgottenFill } = booking;
  if (forgottenFill !== undefined) context.state.delete(entryKey('fill', accountId, forgottenFill));
  if (instrumentId !== null && booked.terms !== undefined) {
    writePosition(instrumentId, { ...booked, terms: booked.terms }, context);
  }
  writeAccount(currencies, booked, context);
  return 'booked';
}

function writePosition(
  instrumentId: string,
  { ledger, terms, timeUs }: Booked & { readonly terms: ContractTerms },
  context: Context,
): void {
  const { accountId } = ledger;
  const position = ledger.position(instrumentId);
  const key = entryKey('position', accountId, instrumentId);
  const before = context.state.get(key);
  const revision = (before?.kind === 'position' ? before.revision : 0) + 1;
  context.state.put(key, { kind: 'position', position, revision });
  context.emit('position', {
    position_id: `${accountId}|${instrumentId}`,
    account_id: accountId,
    instrument_id: instrumentId,
    quantity: position.quantity,
    average_price: averagePrice(position, terms),
    realized_pnl: position.realizedPnl,
    fees: position.fees,
    currency: terms.currency,
    updated_at: timeUs,
    revision,
  });
}

function writeAccount(
  currencies: readonly string[],
  { ledger, timeUs }: Booked,
  context: Context,
): void {
  const { accountId } = ledger;
  for (const currency of currencies) {
    const balance = ledger.balance(currency);
    context.state.put(entryKey('balance', accountId, currency), { kind: 'balance', balance });
  }
  const key = entryKey('account', accountId, '');
  const before = context.state.get(key);
  if (before !== undefined && currencies.length === 0) return;
  const revision = (before?.kind === 'account' ? before.revision : 0) + 1;
  context.state.put(key, { kind: 'account', revision });
  const balances = [...ledger.balances].sort(([a], [b]) => (a < b ? -1 : 1));
  context.emit('account', {
    account_id: accountId,
    balances: balances.map(([currency, { cash, realizedPnl, fees }]) => ({
      ...{ currency, cash, realized_pnl: realizedPnl, fees },
    })),
    updated_at: timeUs,
    revision,
  });
}
