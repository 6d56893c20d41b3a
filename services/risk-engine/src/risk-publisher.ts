import type { TableView } from '@cerberus/bus';
import type { HostContext } from '@cerberus/runtime';
import type { Quality } from '@cerberus/schema';
import { accountMetrics } from './account-metrics.ts';
import type { RiskEngineConfig } from './config.ts';
import { greeksReport } from './greeks-report.ts';
import type { PositionBook } from './position-book.ts';
import type { PriceHistory } from './price-history.ts';
import type { RiskRecords } from './risk-records.ts';
import { type SpotPrices, worstQuality } from './spot-prices.ts';
import { Valuation, type ValuationOptions, type ValuedPosition } from './valuation.ts';

export interface RiskPublisherOptions {
  readonly host: Pick<HostContext, 'clock' | 'metrics'>;
  readonly config: RiskEngineConfig;
  readonly records: RiskRecords;
  readonly book: PositionBook;
  readonly prices: SpotPrices;
  readonly history: PriceHistory;
  readonly accounts: TableView<'account'>;
  readonly volatilityOf: ValuationOptions['volatilityOf'];
}

/**
 * Revalues and publishes what is this instance's: Greeks on ticks, figures on their schedule. Nothing
 * is valued of accounts that others answer for.
 */
export class RiskPublisher {
  readonly #options: RiskPublisherOptions;
  readonly #valuation: Valuation;
  readonly #dollars: ReadonlySet<string>;
  readonly #revaluation;
  readonly #figures;
  /** What was last told of an underlying: whose positions, and how far they can be trusted. */
  readonly #told = new Map<string, { readonly accounts: string[]; readonly quality: Quality }>();

  constructor(options: RiskPublisherOptions) {
    this.#options = options;
    const { book, prices, config, host, volatilityOf } = options;
    this.#dollars = new Set(config.dollarCurrencies);
    this.#valuation = new Valuation({
      ...{ book, prices, rate: config.rate, volatilityOf },
      held: (underlying) => book.of(underlying),
    });
    this.#revaluation = host.metrics.handlerDuration('revaluation');
    this.#figures = host.metrics.handlerDuration('risk metrics');
    host.metrics.gaugeOf('risk_accounts_owned', 'Accounts this instance publishes', () => {
      return this.#ownAccounts().length;
    });
  }

  /**
   * Greeks of this instance's accounts in one underlying. Whoever has closed everything hears that
   * nothing is left: those told of positions before and, where given, `everHeld`.
   */
  publishGreeks(underlying: string, everHeld?: Iterable<string>): void {
    const { host, prices, book, records } = this.#options;
    const startedMs = host.clock.monotonicMs();
    const asOf = host.clock.nowUs();
    const spot = prices.spot(underlying);
    const byAccount = Map.groupBy(
      this.#valuation.value(underlying, asOf),
      ({ position }) => position.account_id,
    );
    const accounts = [...byAccount.keys()];
    for (const id of everHeld ?? this.#told.get(underlying)?.accounts ?? []) {
      if (!byAccount.has(id) && book.owns(id)) byAccount.set(id, []);
    }
    const inputs = this.#inputs(underlying);
    const qualities: Quality[] = [];
    for (const [accountId, valued] of byAccount) {
      const report = greeksReport(valued, { accountId, underlying, spot, asOf, inputs });
      qualities.push(report.quality);
      records.send('risk.greeks', report);
    }
    this.#told.set(underlying, { accounts, quality: worstQuality(qualities) });
    if (byAccount.size > 0) this.#revaluation.observeMs(host.clock.monotonicMs() - startedMs);
  }

  /**
   * Greeks of every account of this instance in everything that it holds or once held. A new owner
   * does not know what the one before it told last; and one that was cut off may have told something
   * after it.
   */
  tellGreeks(): void {
    for (const [underlying, accounts] of this.#options.book.everHeld()) {
      this.publishGreeks(underlying, accounts);
    }
  }

  /** Accounts have come from another instance, which may be gone: nobody waits for a tick. */
  takeOver(): void {
    this.tellGreeks();
    this.publishMetrics();
  }

  publishMetrics(): void {
    const { host, book, prices, history, config, accounts, records } = this.#options;
    const ids = this.#ownAccounts();
    if (ids.length === 0) return;
    const startedMs = host.clock.monotonicMs();
    const now = host.clock.nowUs();
    const valued = this.#valueAll();
    this.#tellAged(valued);
    const positions = Map.groupBy(valued, ({ position }) => position.account_id);
    const unknown = Map.groupBy(book.unknown(), ({ account_id: id }) => id);
    const inputs = book.underlyings().flatMap((underlying) => this.#inputs(underlying));
    for (const accountId of ids) {
      const metrics = accountMetrics({
        ...config,
        accountId,
        account: accounts.get(accountId),
        positions: positions.get(accountId) ?? [],
        unknown: (unknown.get(accountId) ?? []).map(
          ({ instrument_id: id }) => `${id}: unknown instrument`,
        ),
        spotOf: (underlying) => prices.spot(underlying),
        history,
        dollarCurrencies: this.#dollars,
        now,
        inputs,
      });
      records.send('risk.metrics', metrics);
    }
    this.#figures.observeMs(host.clock.monotonicMs() - startedMs);
  }

  #ownAccounts(): string[] {
    const { book, accounts } = this.#options;
    const ids = new Set(book.accounts());
    for (const { account_id: id } of accounts.values()) if (book.owns(id)) ids.add(id);
    return [...ids].sort();
  }

  /** Prices grow old without a tick: Greeks that are no longer what they were told to be are told anew. */
  #tellAged(valued: readonly ValuedPosition[]): void {
    const byUnderlying = Map.groupBy(valued, ({ instrument }) => instrument.underlying);
    for (const [underlying, items] of byUnderlying) {
      const quality = worstQuality(
        items.map(({ unit }) => (unit.ok ? unit.risk.quality : 'UNTRUSTED')),
      );
      const told = this.#told.get(underlying);
      if (told !== undefined && told.quality !== quality) this.publishGreeks(underlying);
    }
  }

  #valueAll(): ValuedPosition[] {
    const { book, host } = this.#options;
    const now = host.clock.nowUs();
    return book.underlyings().flatMap((underlying) => this.#valuation.value(underlying, now));
  }

  #inputs(underlying: string) {
    const { prices } = this.#options;
    const reference = prices.referenceOf(underlying);
    const name = reference === undefined ? `spot of ${underlying}` : `md.quote ${reference}`;
    return [{ name, age_ms: prices.spot(underlying)?.ageMs ?? null }];
  }
}
