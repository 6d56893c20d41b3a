import {
  type BusHost,
  DeadLetterWriter,
  type LogTail,
  StreamReader,
  TableView,
  tailOffsets,
} from '@cerberus/bus';
import { GateBook } from '@cerberus/limits';
import { InstrumentBook } from '@cerberus/model';
import { type Readiness, readinessOf } from '@cerberus/runtime';
import { TOPICS, type TopicName } from '@cerberus/schema';
import type { GatewayContext } from '../ports.ts';
import { BookBoard } from './book-board.ts';
import { JourneyMarks } from './journey-marks.ts';
import { OrderFeed } from './order-feed.ts';
import { OrderHistory } from './order-history.ts';
import { QuoteBoard } from './quote-board.ts';
import { seedQuotes } from './quote-seed.ts';
import { TABLE_TOPICS, type Tables, type TableTopic } from './tables.ts';

/** Records of each ledger partition read at start; what is older is read when asked for. */
const LEDGER_TAIL_RECORDS = 50_000n;
const BAR_TAIL_RECORDS = 5_000n;
/** Less than anybody sees, and than the gate's collar feels. */
const STREAMS_WAIT_MS = 50;

interface Reader {
  start(): Promise<void>;
  stop(): Promise<void>;
  drained(): Promise<void>;
}

/**
 * Everything the gateway answers from, fed by the topics and nothing else, but for the prices shown
 * before the first ticks.
 */
export class ReadModel {
  readonly tables: Tables;
  readonly orders = new OrderHistory();
  readonly quotes: QuoteBoard;
  readonly books = new BookBoard();
  readonly journeys: JourneyMarks;
  readonly instruments = new InstrumentBook();
  /** Replica of the gate, for checks that reserve nothing. */
  readonly gate = new GateBook({ positions: 'table', journal: false });
  readonly #context: GatewayContext;
  readonly #letters: DeadLetterWriter;
  readonly #readers: Reader[] = [];
  #isCaughtUp = false;

  constructor(context: GatewayContext) {
    const { bus, codecs } = context;
    this.#context = context;
    this.#letters = new DeadLetterWriter({
      bus,
      host: context,
      service: context.name,
    });
    const table = <T extends TopicName>(topic: T): TableView<T> =>
      new TableView({
        ...{ bus, codecs, host: context, topic, deadLetters: this.#letters },
        conflate: TOPICS[topic].conflate,
        ...(TOPICS[topic].class === 'stream' ? { patienceMs: STREAMS_WAIT_MS } : {}),
      });
    this.tables = Object.fromEntries(
      TABLE_TOPICS.map((topic) => [topic, table(topic)]),
    ) as unknown as Tables;
    this.quotes = new QuoteBoard(context.clock);
    this.journeys = new JourneyMarks(this.orders, this.tables);
    this.#feedGate();
    this.tables['ref.instrument'].onChange((_key, instrument) => {
      if (instrument !== undefined) this.instruments.upsert(instrument);
    });
  }

  /** Resolves when everything that can be read from the topics is here. */
  async start(): Promise<void> {
    const { bus } = this.#context;
    // Reference data first: orders and prices are described by it.
    await Promise.all(TABLE_TOPICS.map((topic) => this.tables[topic].start()));
    await Promise.all(TABLE_TOPICS.map((topic) => this.tables[topic].drained));
    const instruments = [...this.tables['ref.instrument'].values()];
    const ids = instruments.map(({ instrument_id: id }) => id);
    await seedQuotes(this.quotes, ids, this.#context);
    const bars = await tailOffsets(bus, ['md.bar'], BAR_TAIL_RECORDS);
    this.#readers.push(
      this.#orderFeed(),
      this.#quoteReader(),
      this.#barReader(bars.offsets),
      this.#bookReader(),
    );
    await Promise.all(this.#readers.map((reader) => reader.start()));
    await Promise.all(this.#readers.map((reader) => reader.drained()));
    this.#isCaughtUp = true;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
    await Promise.all(Object.values(this.tables).map((table) => table.stop()));
    await this.#letters.close();
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  ready(): Readiness {
    return readinessOf({
      bus: this.#context.bus.ready(),
      topics: this.#isCaughtUp ? { ready: true } : { ready: false, detail: 'reading the topics' },
    });
  }

  /** Accounts that hold something, have cash or have a limit of their own. */
  knowsAccount(accountId: string): boolean {
    if (this.tables.account.get(accountId) !== undefined) return true;
    return this.gate.account(accountId) !== undefined || this.accountIds().includes(accountId);
  }

  accountIds(): string[] {
    const ids = new Set<string>();
    for (const { account_id } of this.tables.account.values()) ids.add(account_id);
    for (const { account_id } of this.tables.position.values()) ids.add(account_id);
    for (const { scope, scope_id } of this.tables['control.limit'].values()) {
      if (scope === 'ACCOUNT' && scope_id !== '*') ids.add(scope_id);
    }
    return [...ids].sort();
  }

  #feedGate(): void {
    for (const topic of ['md.status', 'risk.scenarios', 'ref.instrument'] as const)
      this.#feed(topic);
    for (const topic of ['control.limit', 'control.kill', 'position'] as const) this.#feed(topic);
  }

  #feed<T extends TableTopic & Parameters<GateBook['remove']>[0]>(topic: T): void {
    this.tables[topic].onChange((key, message) => {
      if (message === undefined) this.gate.remove(topic, key);
      else this.gate.apply(topic, message as never);
    });
  }

  #orderFeed(): OrderFeed {
    const { orders, gate } = this;
    const reading = this.#reading('gateway orders');
    return new OrderFeed({ reading, orders, gate, tailRecords: LEDGER_TAIL_RECORDS });
  }

  #quoteReader() {
    return new StreamReader({
      ...this.#reading('gateway quotes'),
      topics: ['md.quote'],
      conflate: true,
      patienceMs: STREAMS_WAIT_MS,
      handle: ({ message }) => {
        this.gate.apply('md.quote', message);
        this.quotes.apply(message);
      },
    });
  }

  #barReader(from: LogTail['offsets']) {
    return new StreamReader({
      ...this.#reading('gateway bars'),
      topics: ['md.bar'],
      from,
      handle: ({ message }) => this.gate.apply('md.bar', message),
    });
  }

  #bookReader() {
    return new StreamReader({
      ...this.#reading('gateway books'),
      topics: ['md.book'],
      patienceMs: STREAMS_WAIT_MS,
      handle: ({ message }) => this.books.apply(message),
    });
  }

  #reading(name: string) {
    const { bus, codecs } = this.#context;
    const host: BusHost = this.#context;
    return { name, bus, codecs, host, deadLetters: this.#letters };
  }
}
