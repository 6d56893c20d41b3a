import { type Bus, StreamReader, TableView } from '@cerberus/bus';
import { unwrap } from '@cerberus/core';
import { defineService, readinessOf, type ServiceContext } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { RISK_ENGINE_SECTION, type RiskEngineConfig } from './config.ts';
import { DirtyUnderlyings } from './dirty-underlyings.ts';
import { readHistoryFile } from './history-file.ts';
import { PositionBook } from './position-book.ts';
import { PriceHistory } from './price-history.ts';
import { RiskPublisher } from './risk-publisher.ts';
import { SpotPrices } from './spot-prices.ts';

export interface RiskEnginePorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

/** position × md.quote × feature.value → risk.greeks, risk.metrics, risk.scenarios. */
export const riskEngine = defineService<typeof RISK_ENGINE_SECTION, RiskEnginePorts>({
  name: 'risk-engine',
  config: RISK_ENGINE_SECTION,
  create: async (context) => {
    const { bus, codecs, config, clock } = context;
    const port = { bus, codecs, host: context };
    const prices = new SpotPrices({ clock, ...config });
    const history = historyOf(config);
    const book = new PositionBook();
    const positions = new TableView({ ...port, topic: 'position' });
    const instruments = new TableView({ ...port, topic: 'ref.instrument' });
    const accounts = new TableView({ ...port, topic: 'account' });
    const features = new TableView({ ...port, topic: 'feature.value' });
    const producer = bus.streamProducer();
    const publisher = new RiskPublisher({
      ...{ host: context, config, codecs, producer, book, prices, history, features, accounts },
    });
    const dirty = new DirtyUnderlyings(clock, {
      everyMs: config.greeksEveryMs,
      publish: (underlying) => publisher.publishGreeks(underlying),
    });
    followBook(book, { positions, instruments }, dirty);
    const quotes = new StreamReader({
      ...{ ...port, name: 'risk quotes', topics: ['md.quote'], conflate: true },
      handle: ({ message }) => {
        const underlying =
          prices.onQuote(message) ?? book.instrument(message.instrument_id)?.underlying;
        if (underlying !== undefined && book.of(underlying).length > 0) dirty.add(underlying);
      },
    });
    const references = new Map(Object.entries(config.references).map(([u, id]) => [id, u]));
    const bars = new StreamReader({
      ...{ ...port, name: 'risk history', topics: ['md.bar'], from: 'beginning' },
      handle: ({ message }) => {
        const underlying = references.get(message.instrument_id);
        if (underlying !== undefined) history.onBar(underlying, message);
      },
    });
    const tables = [instruments, positions, accounts, features];
    for (const part of [...tables, quotes, bars]) await part.start();
    await Promise.all([instruments.caughtUp, positions.caughtUp, accounts.caughtUp]);
    const timers = [
      clock.every(config.metricsEveryMs, () => publisher.publishMetrics()),
      clock.every(SCENARIO_CHECK_MS, scenarioSchedule(publisher, context)),
    ];
    return {
      ready: () => readinessOf(Object.fromEntries(tables.map((t) => [t.topic, t.ready()]))),
      stop: async () => {
        for (const timer of timers) timer.cancel();
        dirty.stop();
        for (const part of [quotes, bars, ...tables]) await part.stop();
        await producer.flush();
        await producer.close();
      },
    };
  },
});

/** Keeps the book as the tables are; whatever changed is revalued. */
function followBook(
  book: PositionBook,
  tables: {
    readonly positions: TableView<'position'>;
    readonly instruments: TableView<'ref.instrument'>;
  },
  dirty: DirtyUnderlyings,
): void {
  tables.positions.onChange((key, position) => {
    const { instrument_id: id } = position ?? book.position(key) ?? {};
    book.onPosition(key, position);
    const instrument = id === undefined ? undefined : book.instrument(id);
    if (instrument !== undefined) dirty.add(instrument.underlying);
  });
  tables.instruments.onChange((key, instrument) => {
    book.onInstrument(key, instrument);
    if (instrument !== undefined && book.of(instrument.underlying).length > 0) {
      dirty.add(instrument.underlying);
    }
  });
}

/** Often enough that the gate has its vectors as soon as history and prices are there. */
const SCENARIO_CHECK_MS = 250;

/** Tries until a first set could be published, then keeps to the schedule. */
function scenarioSchedule(
  publisher: RiskPublisher,
  { clock, config }: Pick<ServiceContext<RiskEngineConfig>, 'clock' | 'config'>,
): () => void {
  let dueMs = 0;
  return () => {
    if (clock.monotonicMs() < dueMs || publisher.publishScenarios() === 0) return;
    dueMs = clock.monotonicMs() + config.scenariosEveryMs;
  };
}

function historyOf({ historyFile }: RiskEngineConfig): PriceHistory {
  const history = new PriceHistory();
  if (historyFile === '') return history;
  for (const { underlying, day, close } of unwrap(readHistoryFile(historyFile))) {
    history.add(underlying, day, close);
  }
  return history;
}
