import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EpochUs } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Instrument } from '@cerberus/schema';
import type { RiskEngineConfig } from './config.ts';
import type { PositionBook } from './position-book.ts';
import type { PriceHistory } from './price-history.ts';
import type { RiskRecords } from './risk-records.ts';
import { unitScenarioPnl } from './scenario-vectors.ts';
import type { Price, SpotPrices } from './spot-prices.ts';
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

interface VectorInput {
  readonly instrument: Instrument;
  readonly unit: UnitOutcome;
  readonly spot: Price;
  readonly returns: Float64Array;
  readonly now: EpochUs;
  readonly setId: string;
}

/** A vector takes a fifth of a millisecond: a tick never waits for more of them. */
const INSTRUMENTS_PER_TURN = 8;
/** Between turns, where nobody waits: all of a set at once keep the log and its readers from ticks. */
const PAUSE_MS = 10;
/** Of the schedule, that pauses may take. */
const PAUSES_SHARE = 0.5;

/** Scenario vectors of what is held and of what can be traded, for the gate's risk impact. */
export class ScenarioPublisher {
  readonly #options: ScenarioPublisherOptions;
  readonly #valuation: Valuation;
  readonly #duration;
  #dueMs = 0;
  #publishing: Promise<void> | undefined;
  /** Instruments of this instance have no vectors of it yet. */
  #isAwaited = true;
  #isStopped = false;

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
    if (this.#publishing !== undefined || this.#isStopped || startedMs < this.#dueMs) return;
    this.#dueMs = startedMs + config.scenariosEveryMs;
    this.#publishing = this.#publish().then((published) => {
      this.#publishing = undefined;
      if (published === 0) this.#dueMs = 0;
      else this.#duration.observeMs(host.clock.monotonicMs() - startedMs);
      // Others may have come meanwhile, of which this set knew nothing: it is due again at once.
      if (this.#dueMs !== 0) this.#isAwaited = false;
    });
  }

  /** Other instruments are this instance's: nobody waits for the schedule. */
  takeOver(): void {
    this.#isAwaited = true;
    this.#dueMs = 0;
    this.check();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#publishing;
  }

  /** How many. All are of one moment, but ticks have their turn in between. */
  async #publish(): Promise<number> {
    const { host, book, prices, history, config } = this.#options;
    const instruments = book.ownInstruments();
    if (instruments.length === 0) return 0;
    const underlyings = Object.keys(config.references).sort();
    const known = underlyings.filter((name) => history.days(name) >= config.historyDaysMin);
    const joint = history.joint(known, { most: config.historyDays, fewest: config.historyDaysMin });
    if (joint === undefined) return 0;
    const now = host.clock.nowUs();
    const setId = `historical-${joint.underlyings.join('+')}-${joint.returns[0]!.length}-${history.revision}`;
    const held = this.#heldUnits(now);
    const spots = new Map(known.map((name) => [name, prices.spot(name)]));
    const linear = new Map(instruments.map(({ instrument_id: id }) => [id, prices.price(id)]));
    let published = 0;
    const turns = instruments.length / INSTRUMENTS_PER_TURN;
    const pauseMs = Math.min(PAUSE_MS, (PAUSES_SHARE * config.scenariosEveryMs) / turns);
    for (const [index, instrument] of instruments.entries()) {
      if (index > 0 && index % INSTRUMENTS_PER_TURN === 0) await this.#pause(pauseMs);
      if (this.#isStopped) break;
      const { instrument_id: id, underlying } = instrument;
      const returns = joint.returns[joint.underlyings.indexOf(underlying)];
      const spot = spots.get(underlying);
      if (returns === undefined || spot === undefined) continue;
      const unit = held.get(id) ?? linearUnit(instrument, linear.get(id), spot.value);
      if (this.#send({ instrument, unit, spot, returns, now, setId })) published += 1;
    }
    return published;
  }

  async #pause(forMs: number): Promise<void> {
    if (this.#isAwaited || forMs < 1) await nextTurn();
    else await this.#options.host.clock.sleep(forMs);
  }

  /** False where there is no vector. */
  #send({ instrument, unit, spot, returns, now, setId }: VectorInput): boolean {
    if (!unit.ok) return false;
    const { rate } = this.#options.config;
    const pnl = unitScenarioPnl({ instrument, unit, spot: spot.value, returns, now, rate });
    if (pnl === undefined) return false;
    this.#options.records.send('risk.scenarios', {
      instrument_id: instrument.instrument_id,
      underlying: instrument.underlying,
      as_of: now,
      scenario_set_id: setId,
      unit_pnl: Array.from(pnl),
      unit_value: unit.risk.value,
      unit_delta: unit.risk.delta,
      unit_gamma: unit.risk.gamma,
      unit_vega: unit.risk.vega,
      unit_theta: unit.risk.theta,
      quality: unit.risk.quality,
    });
    return true;
  }

  #heldUnits(now: EpochUs): Map<string, UnitOutcome> {
    const valued = this.#options.book
      .underlyings()
      .flatMap((underlying) => this.#valuation.value(underlying, now));
    return new Map(valued.map(({ instrument, unit }) => [instrument.instrument_id, unit]));
  }
}
