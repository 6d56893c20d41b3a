import { type Bus, StreamReader, TableView } from '@cerberus/bus';
import { createGateMarket, GateBook, type GateMarket, type GateTopic } from '@cerberus/limits';
import { type HostContext, notReady, READY, type Readiness, readinessOf } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';

const TABLES = ['ref.instrument', 'control.limit', 'control.kill', 'md.status'] as const;

/** Far less than a price may be old: what comes meanwhile is decoded once. */
const QUOTES_WAIT_MS = 25;

type TableTopic = (typeof TABLES)[number] & GateTopic;

/**
 * What the gate knows of the market: tables read whole at start, the newest quotes and scenario vectors. One for all
 * partitions of this instance.
 */
export class GateInputs {
  readonly market: GateMarket = createGateMarket();
  readonly #book: GateBook;
  readonly #tables: { readonly [T in TableTopic]: TableView<T> };
  readonly #quotes: StreamReader<'md.quote'>;
  readonly #bars: StreamReader<'md.bar'>;
  readonly #scenarios: StreamReader<'risk.scenarios'>;

  constructor(host: HostContext & { readonly bus: Bus; readonly codecs: Codecs }) {
    const { bus, codecs } = host;
    // Only its market is fed; accounts live in the state of the partitions.
    this.#book = new GateBook({ positions: 'events', journal: false }, this.market);
    const table = <T extends TableTopic>(topic: T): TableView<T> => {
      const view = new TableView({ bus, codecs, host, topic });
      view.onChange((key, message) => {
        if (message === undefined) this.#book.remove(topic, key);
        else this.#book.apply(topic, message as never);
      });
      return view;
    };
    this.#tables = {
      'ref.instrument': table('ref.instrument'),
      'control.limit': table('control.limit'),
      'control.kill': table('control.kill'),
      'md.status': table('md.status'),
    };
    this.#quotes = new StreamReader({
      ...{ name: 'pre-trade quotes', bus, codecs, host, topics: ['md.quote'], conflate: true },
      patienceMs: QUOTES_WAIT_MS,
      handle: ({ message }) => this.market.setQuote(message),
    });
    this.#bars = new StreamReader({
      ...{ name: 'pre-trade bars', bus, codecs, host, topics: ['md.bar'] },
      handle: ({ message }) => this.market.setBar(message),
    });
    this.#scenarios = new StreamReader({
      ...{ name: 'pre-trade scenarios', bus, codecs, host, topics: ['risk.scenarios'] },
      ...{ from: 'beginning', conflate: true },
      handle: ({ message }) => this.market.setScenarios(message),
    });
  }

  get limits(): TableView<'control.limit'> {
    return this.#tables['control.limit'];
  }

  get tables(): readonly { readonly drained: Promise<void> }[] {
    return Object.values(this.#tables);
  }

  async start(): Promise<void> {
    const readers = [this.#quotes, this.#bars, this.#scenarios];
    await Promise.all([...Object.values(this.#tables), ...readers].map((part) => part.start()));
  }

  /** Why nothing can be judged now. */
  notReady(): string | undefined {
    for (const table of Object.values(this.#tables)) {
      const state = table.ready();
      if (!state.ready) return state.detail;
    }
    return this.market.hasLiveFeed ? undefined : 'no price feed is live';
  }

  ready(): Readiness {
    const states = Object.entries(this.#tables).map(([topic, table]) => [topic, table.ready()]);
    const prices = this.market.hasLiveFeed ? READY : notReady('no price feed is live');
    return readinessOf({ ...Object.fromEntries(states), prices });
  }

  async stop(): Promise<void> {
    await this.#quotes.stop();
    await this.#bars.stop();
    await this.#scenarios.stop();
    for (const table of Object.values(this.#tables)) await table.stop();
  }
}
