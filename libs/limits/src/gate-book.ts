import { contractTerms } from '@cerberus/orders';
import type {
  Bar,
  FeedStatus,
  Fill,
  Instrument,
  KillSwitch,
  Limit,
  OrderDecision,
  OrderEvent,
  Position,
  PositionAdjustment,
  Quote,
  ScenarioVector,
} from '@cerberus/schema';
import { type EventOutcome, GateAccount, type GateAccountOptions } from './gate-account.ts';
import { GateMarket } from './gate-market.ts';
import { LIMIT_DECLARATIONS } from './registry.ts';
import { RiskImpact } from './risk-impact.ts';

/** What checks look at. */
export interface GateView {
  readonly market: GateMarket;
  readonly risk: RiskImpact;
  account(accountId: string): GateAccount | undefined;
}

/** Topics a gate book takes records of. */
export interface GateRecords {
  readonly 'md.quote': Quote;
  readonly 'md.status': FeedStatus;
  readonly 'md.bar': Bar;
  readonly 'risk.scenarios': ScenarioVector;
  readonly 'ref.instrument': Instrument;
  readonly 'control.limit': Limit;
  readonly 'control.kill': KillSwitch;
  readonly 'order.decision': OrderDecision;
  readonly 'order.event': OrderEvent;
  readonly 'position.adjustment': PositionAdjustment;
  readonly fill: Fill;
  readonly position: Position;
}
export type GateTopic = keyof GateRecords;

export function createGateMarket(): GateMarket {
  return new GateMarket(LIMIT_DECLARATIONS);
}

/**
 * The gate's view of the world, built record by record: authoritative in the pre-trade service (one
 * book per partition over one market), an advisory replica wherever an answer without reservation
 * is wanted.
 */
export class GateBook implements GateView {
  readonly market: GateMarket;
  readonly risk = new RiskImpact();
  readonly #options: GateAccountOptions;
  readonly #accounts = new Map<string, GateAccount>();
  readonly #appliers: { readonly [T in GateTopic]: (record: GateRecords[T]) => void };

  /** Quotes and bars age and ledgers stay: only tables delete. */
  readonly #removers: { readonly [T in GateTopic]?: (key: string) => void };

  constructor(options: GateAccountOptions, market: GateMarket = createGateMarket()) {
    this.#options = options;
    this.market = market;
    this.#appliers = {
      'md.quote': (quote) => market.setQuote(quote),
      'md.status': (status) => market.setFeed(status),
      'md.bar': (bar) => market.setBar(bar),
      'risk.scenarios': (vector) => market.setScenarios(vector),
      'ref.instrument': (instrument) => market.setInstrument(instrument),
      'control.limit': (limit) => market.limits.set(limit),
      'control.kill': (kill) => market.kills.set(kill),
      'order.decision': (decision) => this.openAccount(decision.account_id).applyDecision(decision),
      'order.event': (event) => this.applyEvent(event),
      'position.adjustment': (adjustment) =>
        this.openAccount(adjustment.account_id).applyAdjustment(adjustment),
      fill: (fill) => this.applyFill(fill),
      position: ({ account_id: id, instrument_id: instrumentId, quantity }) =>
        this.openAccount(id).setPosition(instrumentId, quantity),
    };
    this.#removers = {
      'ref.instrument': (key) => market.deleteInstrument(key),
      'control.limit': (key) => market.limits.delete(key),
      'control.kill': (key) => market.kills.delete(key),
      'md.status': (key) => market.deleteFeed(key),
      'risk.scenarios': (key) => market.deleteScenarios(key),
    };
  }

  apply<T extends GateTopic>(topic: T, record: GateRecords[T]): void {
    this.#appliers[topic](record);
  }

  applyEvent(event: OrderEvent): EventOutcome {
    return this.openAccount(event.account_id).applyEvent(event);
  }

  /** Only the fee matters here; false where it is not one that lessens a position. */
  applyFill(fill: Fill): boolean {
    const instrument = this.market.instrument(fill.instrument_id);
    const delivered = instrument === undefined ? null : contractTerms(instrument).deliveredCurrency;
    return this.openAccount(fill.account_id).applyFee(fill, delivered);
  }

  /** The newest value of a key was deleted. */
  remove(topic: GateTopic, key: string): void {
    this.#removers[topic]?.(key);
  }

  account(accountId: string): GateAccount | undefined {
    return this.#accounts.get(accountId);
  }

  accounts(): IterableIterator<GateAccount> {
    return this.#accounts.values();
  }

  openAccount(accountId: string): GateAccount {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) return known;
    const account = new GateAccount(accountId, this.#options);
    this.#accounts.set(accountId, account);
    return account;
  }
}
