import {
  type Bus,
  PartitionOwner,
  type StreamProducer,
  StreamReader,
  TableView,
  tailOffsets,
} from '@cerberus/bus';
import type { Cache } from '@cerberus/cache';
import { unwrap } from '@cerberus/core';
import { defineService, readinessOf, type ServiceContext } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { RISK_ENGINE_SECTION, type RiskEngineConfig } from './config.ts';
import { CourseKeeper } from './course-keeper.ts';
import { DirtyUnderlyings } from './dirty-underlyings.ts';
import { readHistoryFile } from './history-file.ts';
import { volatilityFrom } from './option-volatility.ts';
import { PositionBook } from './position-book.ts';
import { PriceHistory } from './price-history.ts';
import { RiskPublisher } from './risk-publisher.ts';
import { RiskRecords } from './risk-records.ts';
import { ScenarioPublisher } from './scenario-publisher.ts';
import { SpotPrices } from './spot-prices.ts';

export interface RiskEnginePorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  /** Given the course of the figures. */
  readonly cache?: Cache;
}

type Context = ServiceContext<RiskEngineConfig, RiskEnginePorts>;

/** The instances of this service share its accounts and instruments among them. */
const OWNERS_GROUP = 'risk-engine-owners';
/** Quotes of every partition read at start: enough to know the price of whatever is quoted. */
const QUOTE_TAIL_RECORDS = 500n;
/** Often enough that the gate has its vectors as soon as history and prices are there. */
const SCENARIO_CHECK_MS = 250;
/** What an owner that was cut off told too late is corrected after so long at most. */
const TELL_AGAIN_EVERY_MS = 30_000;

/** position × md.quote × feature.value → risk.greeks, risk.metrics, risk.scenarios. */
export const riskEngine = defineService<typeof RISK_ENGINE_SECTION, RiskEnginePorts>({
  name: 'risk-engine',
  config: RISK_ENGINE_SECTION,
  create: async (context) => {
    const { bus, codecs, config, clock } = context;
    const port = { bus, codecs, host: context };
    const prices = new SpotPrices({ clock, ...config });
    const history = historyOf(config);
    // Keys are spread as the table of positions spreads its accounts; instruments in the same way.
    const owner = new PartitionOwner({
      ...{ bus, host: context, groupId: OWNERS_GROUP, topic: 'position' },
    });
    const book = new PositionBook(owner);
    const positions = new TableView({ ...port, topic: 'position' });
    const instruments = new TableView({ ...port, topic: 'ref.instrument' });
    const accounts = new TableView({ ...port, topic: 'account' });
    const features = new TableView({ ...port, topic: 'feature.value', conflate: true });
    const producer = bus.streamProducer();
    const records = recordsOf(context, producer);
    const volatilityOf = volatilityFrom(prices, features);
    const shared = { host: context, config, records, book, prices, history, volatilityOf };
    const publisher = new RiskPublisher({ ...shared, accounts });
    const scenarios = new ScenarioPublisher(shared);
    const dirty = new DirtyUnderlyings(clock, {
      everyMs: config.greeksEveryMs,
      publish: (underlying) => publisher.publishGreeks(underlying),
    });
    followBook(book, { positions, instruments }, dirty);
    owner.onChange(({ gained }) => {
      book.onShares();
      if (gained.length === 0) return;
      publisher.takeOver();
      scenarios.takeOver();
    });
    const market = followMarket(context, { prices, book, history, dirty });
    const tables = [instruments, positions, accounts, features];
    await Promise.all([market, ...tables].map((part) => part.start()));
    await Promise.all(tables.map(({ caughtUp }) => caughtUp));
    // Warm first: whoever joins takes accounts from those who are.
    await owner.start();
    const timers = [
      clock.every(config.metricsEveryMs, () => publisher.publishMetrics()),
      clock.every(SCENARIO_CHECK_MS, () => scenarios.check()),
      clock.every(TELL_AGAIN_EVERY_MS, () => publisher.tellGreeks()),
    ];
    return {
      ready: () =>
        readinessOf({
          ...Object.fromEntries(tables.map((table) => [table.topic, table.ready()])),
          owner: owner.ready(),
        }),
      stop: async () => {
        await owner.stop();
        for (const timer of timers) timer.cancel();
        await scenarios.stop();
        dirty.stop();
        await market.stop();
        for (const table of tables) await table.stop();
        await producer.flush();
        await producer.close();
      },
    };
  },
});

/** What is published; the course of each account's figures goes to the cache beside it. */
function recordsOf(context: Context, producer: StreamProducer): RiskRecords {
  const records = new RiskRecords(context.metrics, context.codecs, producer);
  const course = context.cache && new CourseKeeper(context.cache, context);
  records.onMetrics = (metrics) => course?.note(metrics);
  return records;
}

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
    const changed = position ?? book.position(key);
    book.onPosition(key, position);
    if (changed === undefined || !book.owns(changed.account_id)) return;
    const instrument = book.instrument(changed.instrument_id);
    if (instrument !== undefined) dirty.add(instrument.underlying);
  });
  tables.instruments.onChange((key, instrument) => {
    book.onInstrument(key, instrument);
    if (instrument !== undefined && book.of(instrument.underlying).length > 0) {
      dirty.add(instrument.underlying);
    }
  });
}

/** Prices and daily closes. Resolves its start when the newest of what is there is known. */
function followMarket(
  context: Context,
  parts: {
    readonly prices: SpotPrices;
    readonly book: PositionBook;
    readonly history: PriceHistory;
    readonly dirty: DirtyUnderlyings;
  },
) {
  const { bus, codecs, config, clock } = context;
  const { prices, book, history, dirty } = parts;
  const references = new Map(Object.entries(config.references).map(([u, id]) => [id, u]));
  const bars = new StreamReader({
    ...{ bus, codecs, host: context, name: 'risk history', topics: ['md.bar'] },
    from: 'beginning',
    handle: ({ message }) => {
      const underlying = references.get(message.instrument_id);
      if (underlying !== undefined) history.onBar(underlying, message);
    },
  });
  let quotes: StreamReader<'md.quote'> | undefined;
  return {
    start: async () => {
      await bars.start();
      const { offsets } = await tailOffsets(bus, ['md.quote'], QUOTE_TAIL_RECORDS);
      let isWarm = false;
      quotes = new StreamReader({
        ...{ bus, codecs, host: context, name: 'risk quotes', topics: ['md.quote'] },
        ...{ from: offsets, conflate: true },
        handle: ({ message, record }) => {
          const agedMs = isWarm ? 0 : Math.max(0, clock.nowUs() - record.timestampUs) / 1000;
          const underlying =
            prices.onQuote(message, agedMs) ?? book.instrument(message.instrument_id)?.underlying;
          if (underlying !== undefined && book.of(underlying).length > 0) dirty.add(underlying);
        },
      });
      await quotes.start();
      await Promise.all([quotes.caughtUp(), bars.caughtUp()]);
      isWarm = true;
    },
    stop: async () => {
      await quotes?.stop();
      await bars.stop();
    },
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
