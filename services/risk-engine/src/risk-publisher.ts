import { outgoingRecord, type StreamProducer, type TableView } from '@cerberus/bus';
import type { HostContext } from '@cerberus/runtime';
import type { Codecs, Instrument, MessageByTopic, Quality, TopicName } from '@cerberus/schema';
import { accountMetrics } from './account-metrics.ts';
import type { RiskEngineConfig } from './config.ts';
import { greeksReport } from './greeks-report.ts';
import type { Volatility } from './option-pricer.ts';
import type { PositionBook } from './position-book.ts';
import type { PriceHistory } from './price-history.ts';
import { unitScenarioPnl } from './scenario-vectors.ts';
import { type SpotPrices, worstQuality } from './spot-prices.ts';
import { linearUnit } from './unit-risk.ts';
import { Valuation, type ValuedPosition } from './valuation.ts';

export interface RiskPublisherOptions {
  readonly host: HostContext;
  readonly config: RiskEngineConfig;
  readonly codecs: Codecs;
  readonly producer: StreamProducer;
  readonly book: PositionBook;
  readonly prices: SpotPrices;
  readonly history: PriceHistory;
  readonly features: TableView<'feature.value'>;
  readonly accounts: TableView<'account'>;
}

/** Revalues and publishes: Greeks on ticks, figures and scenario vectors on their schedules. */
export class RiskPublisher {
  readonly #options: RiskPublisherOptions;
  readonly #valuation: Valuation;
  readonly #dollars: ReadonlySet<string>;
  readonly #duration;
  readonly #published;
  /** What was last told of an underlying: whose positions, and how far they can be trusted. */
  readonly #told = new Map<string, { readonly accounts: string[]; readonly quality: Quality }>();

  constructor(options: RiskPublisherOptions) {
    this.#options = options;
    const { book, prices, config, host } = options;
    this.#dollars = new Set(config.dollarCurrencies);
    this.#valuation = new Valuation({
      ...{ book, prices, rate: config.rate },
      volatilityOf: (option) => this.#volatilityOf(option),
    });
    this.#duration = host.metrics.handlerDuration('revaluation');
    this.#published = host.metrics.counter('risk_publications_total', 'Risk records published', [
      'topic',
    ]);
  }

  /** Greeks of every account in one underlying. */
  publishGreeks(underlying: string): void {
    const { host, prices } = this.#options;
    const startedMs = host.clock.monotonicMs();
    const asOf = host.clock.nowUs();
    const spot = prices.spot(underlying);
    const byAccount = Map.groupBy(
      this.#valuation.value(underlying, asOf),
      ({ position }) => position.account_id,
    );
    const inputs = this.#inputs(underlying);
    const accounts = [...byAccount.keys()];
    // Whoever has closed everything must hear that nothing is left.
    for (const id of this.#told.get(underlying)?.accounts ?? []) {
      if (!byAccount.has(id)) byAccount.set(id, []);
    }
    const qualities: Quality[] = [];
    for (const [accountId, valued] of byAccount) {
      const report = greeksReport(valued, { accountId, underlying, spot, asOf, inputs });
      qualities.push(report.quality);
      this.#send('risk.greeks', report);
    }
    this.#told.set(underlying, { accounts, quality: worstQuality(qualities) });
    this.#duration.observeMs(host.clock.monotonicMs() - startedMs);
  }

  publishMetrics(): void {
    const { host, book, prices, history, config, accounts } = this.#options;
    const now = host.clock.nowUs();
    const valued = this.#valueAll();
    this.#tellAged(valued);
    const ids = new Set([...book.accounts(), ...[...accounts.values()].map((a) => a.account_id)]);
    for (const accountId of [...ids].sort()) {
      const metrics = accountMetrics({
        ...config,
        accountId,
        account: accounts.get(accountId),
        positions: valued.filter(({ position }) => position.account_id === accountId),
        unknown: book.unknown(accountId).map((p) => `${p.instrument_id}: unknown instrument`),
        spotOf: (underlying) => prices.spot(underlying),
        history,
        dollarCurrencies: this.#dollars,
        now,
        inputs: book.underlyings().flatMap((underlying) => this.#inputs(underlying)),
      });
      this.#send('risk.metrics', metrics);
    }
  }

  /** Scenario vectors of what is held and of what can be traded, for the gate's risk impact; how many. */
  publishScenarios(): number {
    const { host, book, prices, history, config } = this.#options;
    const underlyings = Object.keys(config.references).sort();
    const known = underlyings.filter((name) => history.days(name) >= config.historyDaysMin);
    const joint = history.joint(known, { most: config.historyDays, fewest: config.historyDaysMin });
    if (joint === undefined) return 0;
    let published = 0;
    const now = host.clock.nowUs();
    const held = new Map(
      this.#valueAll().map((item) => [item.instrument.instrument_id, item.unit]),
    );
    for (const instrument of book.instruments()) {
      const returns = joint.returns[joint.underlyings.indexOf(instrument.underlying)];
      const spot = prices.spot(instrument.underlying);
      if (returns === undefined || spot === undefined) continue;
      const unit =
        held.get(instrument.instrument_id) ??
        linearUnit(instrument, prices.price(instrument.instrument_id), spot.value);
      if (!unit.ok) continue;
      const { rate } = config;
      const pnl = unitScenarioPnl({ instrument, unit, spot: spot.value, returns, now, rate });
      if (pnl === undefined) continue;
      this.#send('risk.scenarios', {
        instrument_id: instrument.instrument_id,
        underlying: instrument.underlying,
        as_of: now,
        scenario_set_id: `historical-${joint.underlyings.join('+')}-${returns.length}-${history.revision}`,
        unit_pnl: Array.from(pnl),
        unit_value: unit.risk.value,
        unit_delta: unit.risk.delta,
        unit_gamma: unit.risk.gamma,
        unit_vega: unit.risk.vega,
        unit_theta: unit.risk.theta,
        quality: unit.risk.quality,
      });
      published += 1;
    }
    return published;
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

  /** The option's own volatility, else the underlying's recent one, which prices no smile. */
  #volatilityOf(option: Instrument): Volatility | undefined {
    if (option.volatility !== null) {
      return { value: option.volatility, source: 'of the option', degraded: false };
    }
    const { prices, features } = this.#options;
    const reference = prices.referenceOf(option.underlying);
    const values = reference === undefined ? undefined : features.get(reference)?.values;
    for (const name of ['ewma_volatility', 'realised_volatility']) {
      const value = values?.[name];
      if (value !== undefined) return { value, source: `${name} of ${reference}`, degraded: true };
    }
    return undefined;
  }

  #send<T extends TopicName>(topic: T, value: MessageByTopic[T]): void {
    const { codecs, producer } = this.#options;
    // Every topic of this service is conflatable: a full buffer keeps the newest and does not wait.
    void producer.send(outgoingRecord(codecs, { topic, value }));
    this.#published.inc({ topic });
  }
}
