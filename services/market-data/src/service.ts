import { type Bus, LedgerWriter, outgoingRecord, TableView } from '@cerberus/bus';
import type { Cache } from '@cerberus/cache';
import {
  defineService,
  type HostContext,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import type { Codecs, Instrument } from '@cerberus/schema';
import type { BinanceMarket } from '@cerberus/venues';
import { MARKET_DATA_SECTION, type MarketDataConfig } from './config.ts';
import { MarketFeed } from './market-feed.ts';
import { MarketPublisher } from './market-publisher.ts';
import { QuoteCopies } from './quote-copies.ts';
import { CaptureFeed, type CaptureFeedOptions, type Tape } from './replay/capture-feed.ts';
import { sameInstrument } from './venue-instruments.ts';

export interface MarketDataPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  /** Given the newest quotes, for those who start later. */
  readonly cache?: Cache;
  /** Given by a process that lives in the time of the captures it plays. */
  readonly tape?: Tape;
}

const MARKETS: readonly BinanceMarket[] = ['spot', 'usdm', 'coinm'];
/** Statuses are repeated so that counts stay current and late readers of a stream see them. */
const STATUS_EVERY_MS = 1000;

/** Venue feeds to normalised market events. */
export const marketData = defineService<typeof MARKET_DATA_SECTION, MarketDataPorts>({
  name: 'market-data',
  config: MARKET_DATA_SECTION,
  create: async (context) => {
    const { bus, codecs, config } = context;
    const producer = bus.streamProducer();
    const publisher = new MarketPublisher(context, producer, codecs);
    const copies = context.cache && new QuoteCopies(context.cache, context);
    publisher.onQuote = (quote) => copies?.note(quote);
    const reference = new ReferenceData(context, bus, codecs);
    await reference.start();
    const announce = (instruments: readonly Instrument[]) => reference.announce(instruments);
    const feeds: readonly (MarketFeed | CaptureFeed)[] =
      config.replay.files.length > 0
        ? [await openTape({ config, host: context, publisher, tape: context.tape }, announce)]
        : MARKETS.filter((market) => config[market].symbols.length > 0).map(
            (market) => new MarketFeed({ market, config, host: context, publisher, announce }),
          );
    for (const feed of feeds) context.supervisor.watch(`${feed.name} feed`, feed.start());
    const statuses = context.clock.every(STATUS_EVERY_MS, () => {
      for (const feed of feeds) for (const item of feed.feeds) feed.publishStatus(item);
    });
    return {
      ready: () => readiness(feeds, config),
      routes: [
        {
          method: 'GET' as const,
          path: '/market-data/feeds',
          handle: () => ({ status: 200, body: { feeds: feeds.map((feed) => feed.describe()) } }),
        },
      ],
      stop: async () => {
        statuses.cancel();
        copies?.stop();
        for (const feed of feeds) feed.stop();
        await reference.stop();
        await publisher.settled();
        await producer.flush();
        await producer.close();
      },
    };
  },
});

/** Reference data comes before the first event of an instrument. */
async function openTape(
  options: CaptureFeedOptions,
  announce: (instruments: readonly Instrument[]) => Promise<void>,
): Promise<CaptureFeed> {
  const feed = await CaptureFeed.open(options);
  await announce(feed.feeds.map(({ instrument }) => instrument));
  return feed;
}

function readiness(
  feeds: readonly (MarketFeed | CaptureFeed)[],
  config: MarketDataConfig,
): Readiness {
  const missing = feeds.filter((feed) => !feed.live);
  if (feeds.length === 0)
    return notReady('no market is configured: market-data.spot.symbols is empty');
  if (missing.length === 0) return READY;
  const symbols = missing.flatMap((feed) =>
    feed instanceof MarketFeed
      ? config[feed.market].symbols
      : feed.feeds.map(({ instrument }) => instrument.symbol),
  );
  const names = missing.map(({ name }) => name);
  return notReady(`${names.join(', ')} not live yet (${symbols.join(', ')})`);
}

/** Instruments in the ledger: written only where they are new or have changed. */
class ReferenceData {
  readonly #table: TableView<'ref.instrument'>;
  readonly #writer: LedgerWriter;
  readonly #codecs: Codecs;

  constructor(host: HostContext, bus: Bus, codecs: Codecs) {
    this.#codecs = codecs;
    this.#table = new TableView({ bus, codecs, host, topic: 'ref.instrument' });
    this.#writer = new LedgerWriter({ bus, host, id: 'market-data-reference' });
  }

  async start(): Promise<void> {
    await this.#table.start();
    await this.#table.caughtUp;
  }

  async announce(instruments: readonly Instrument[]): Promise<void> {
    const changed = instruments.filter((instrument) => {
      const known = this.#table.get(instrument.instrument_id);
      return known === undefined || !sameInstrument(known, instrument);
    });
    if (changed.length === 0) return;
    await this.#writer.append(
      changed.map((value) => outgoingRecord(this.#codecs, { topic: 'ref.instrument', value })),
    );
  }

  async stop(): Promise<void> {
    await this.#table.stop();
    await this.#writer.close();
  }
}
