import { type Bus, LedgerWriter, outgoingRecord, TableView } from '@cerberus/bus';
import type { Cache } from '@cerberus/cache';
import { defineService, type HostContext, notReady, type Readiness } from '@cerberus/runtime';
import type { Codecs, Instrument } from '@cerberus/schema';
import type { BinanceMarket } from '@cerberus/venues';
import { MARKET_DATA_SECTION, type MarketDataConfig } from './config.ts';
import { FeedOwnership } from './feed-ownership.ts';
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
    const replay = config.replay.files.length > 0;
    const ownership = new FeedOwnership({ host: context, bus, codecs, replay });
    const producer = bus.streamProducer();
    const publisher = new MarketPublisher(context, producer, codecs, ownership);
    const copies = context.cache && new QuoteCopies(context.cache, context);
    publisher.onQuote = (quote) => copies?.note(quote);
    const reference = new ReferenceData(context, bus, codecs);
    await reference.start();
    const announce = (instruments: readonly Instrument[]) => reference.announce(instruments);
    const feeds: readonly (MarketFeed | CaptureFeed)[] = replay
      ? [await openTape({ config, host: context, publisher, tape: context.tape }, announce)]
      : MARKETS.filter((market) => config[market].symbols.length > 0).map(
          (market) => new MarketFeed({ market, config, host: context, publisher, announce }),
        );
    ownership.onTaken((isTaken) => takeOver(feeds, { context, publisher, isTaken }));
    const begun = replay ? ownership.player() : Promise.resolve();
    for (const feed of feeds) {
      context.supervisor.watch(
        `${feed.name} feed`,
        begun.then(() => feed.start()),
      );
    }
    if (!replay) ownership.joinWhen(() => feeds.every((feed) => feed.live));
    const statuses = context.clock.every(STATUS_EVERY_MS, () => {
      for (const feed of feeds) for (const item of feed.feeds) feed.publishStatus(item);
    });
    return {
      ready: () => readiness(feeds, config, ownership),
      routes: [
        {
          method: 'GET' as const,
          path: '/market-data/feeds',
          handle: () => ({ status: 200, body: { feeds: feeds.map((feed) => feed.describe()) } }),
        },
      ],
      stop: async () => {
        statuses.cancel();
        await ownership.stop();
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

/** What has come to this instance is told at once: its state, a whole book, and what the log lacks. */
function takeOver(
  feeds: readonly (MarketFeed | CaptureFeed)[],
  {
    context,
    publisher,
    isTaken,
  }: {
    readonly context: HostContext;
    readonly publisher: MarketPublisher;
    readonly isTaken: (instrumentId: string) => boolean;
  },
): void {
  const taken: string[] = [];
  for (const feed of feeds) {
    for (const item of feed.feeds) {
      if (!isTaken(item.instrument.instrument_id)) continue;
      taken.push(item.instrument.instrument_id);
      feed.takeOver(item);
    }
  }
  if (taken.length > 0) context.supervisor.watch('taking over', publisher.takeOver(taken));
}

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
  ownership: FeedOwnership,
): Readiness {
  const missing = feeds.filter((feed) => !feed.live);
  if (feeds.length === 0)
    return notReady('no market is configured: market-data.spot.symbols is empty');
  if (missing.length === 0) return ownership.ready();
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
    this.#writer = new LedgerWriter({ bus, host, id: `market-data-reference-${host.instance}` });
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
