import type { HostContext } from '@cerberus/runtime';
import type { RiskEngineConfig } from './config.ts';
import type { PositionBook } from './position-book.ts';
import type { PriceHistory } from './price-history.ts';
import type { RiskRecords } from './risk-records.ts';
import { unitScenarioPnl } from './scenario-vectors.ts';
import type { SpotPrices } from './spot-prices.ts';
import { linearUnit, type UnitOutcome } from './unit-risk.ts';
import { Valuation, type ValuationOptions } from './valuation.ts';

export interface ScenarioPublisherOptions {
  readonly host: Pick<HostContext, 'clock' | 'metrics'>;
  readonly config: RiskEngineConfig;
  readonly records: RiskRecords;
  readonly book: PositionBook;
  readonly prices: SpotPrices;
  readonly history: PriceHistory;
  readonly volatilityOf: ValuationOptions['volatilityOf'];
}

/** Scenario vectors of what is held and of what can be traded, for the gate's risk impact. */
export class ScenarioPublisher {
  readonly #options: ScenarioPublisherOptions;
  readonly #valuation: Valuation;
  readonly #duration;
  #dueMs = 0;

  constructor(options: ScenarioPublisherOptions) {
    this.#options = options;
    const { book, prices, config, volatilityOf, host } = options;
    this.#valuation = new Valuation({
      ...{ book, prices, rate: config.rate, volatilityOf },
      held: (underlying) => book.samples(underlying),
    });
    this.#duration = host.metrics.handlerDuration('risk scenarios');
  }

  /** Tries until a first set could be published, then keeps to the schedule. */
  check(): void {
    const { host, config } = this.#options;
    const startedMs = host.clock.monotonicMs();
    if (startedMs < this.#dueMs || this.#publish() === 0) return;
    this.#duration.observeMs(host.clock.monotonicMs() - startedMs);
    this.#dueMs = startedMs + config.scenariosEveryMs;
  }

  /** Other instruments are this instance's: nobody waits for the schedule. */
  takeOver(): void {
    this.#dueMs = 0;
    this.check();
  }

  /** How many. */
  #publish(): number {
    const { host, book, prices, history, config, records } = this.#options;
    const instruments = book.ownInstruments();
    if (instruments.length === 0) return 0;
    const underlyings = Object.keys(config.references).sort();
    const known = underlyings.filter((name) => history.days(name) >= config.historyDaysMin);
    const joint = history.joint(known, { most: config.historyDays, fewest: config.historyDaysMin });
    if (joint === undefined) return 0;
    let published = 0;
    const now = host.clock.nowUs();
    const held = this.#heldUnits(now);
    for (const instrument of instruments) {
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
      records.send('risk.scenarios', {
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

  #heldUnits(now: Parameters<Valuation['value']>[1]): Map<string, UnitOutcome> {
    const valued = this.#options.book
      .underlyings()
      .flatMap((underlying) => this.#valuation.value(underlying, now));
    return new Map(valued.map(({ instrument, unit }) => [instrument.instrument_id, unit]));
  }
}
