import { type LogTail, StreamReader, type StreamReaderOptions, tailOffsets } from '@cerberus/bus';
import type { GateBook } from '@cerberus/limits';
import type { OrderDecision, TopicName } from '@cerberus/schema';
import type { OrderHistory } from './order-history.ts';
import { markOf } from './record-mark.ts';
import { ORDER_TOPICS } from './tables.ts';
import { TailAlignment } from './tail-alignment.ts';

export interface OrderFeedOptions {
  readonly reading: Omit<StreamReaderOptions<TopicName>, 'topics' | 'from' | 'handle'>;
  readonly orders: OrderHistory;
  readonly gate: GateBook;
  /** Records of each partition read at start. */
  readonly tailRecords: bigint;
}

/** What the order topics say, for the history and the gate's replica: their tails, then what comes. */
export class OrderFeed {
  readonly #options: OrderFeedOptions;
  readonly #readers: { drained(): Promise<void>; stop(): Promise<void> }[] = [];
  /** Until the tails have been read. */
  #alignment: TailAlignment | undefined;

  constructor(options: OrderFeedOptions) {
    this.#options = options;
  }

  /** Resolves when the events that can be read have been, and the rest is on its way. */
  async start(): Promise<void> {
    const { orders, reading, tailRecords } = this.#options;
    const [tail, ends] = await Promise.all([
      tailOffsets(reading.bus, ORDER_TOPICS, tailRecords),
      reading.bus.endOffsets(ORDER_TOPICS),
    ]);
    if (tail.omits) orders.noteOmission();
    this.#alignment = new TailAlignment(ends);
    const events = this.#eventReader(tail.offsets);
    const rest = this.#restReader(tail.offsets);
    this.#readers.push(events, rest);
    await events.start();
    await events.drained();
    await rest.start();
  }

  /** What a transaction that is still open hides comes later, as it does to a feed that runs. */
  async drained(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.drained()));
    this.#alignment = undefined;
    this.#options.orders.settle();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
  }

  #eventReader(from: LogTail['offsets']) {
    const { reading, orders, gate } = this.#options;
    return new StreamReader({
      ...reading,
      topics: ['order.event'],
      from,
      handle: ({ message, record }) => {
        this.#alignment?.noteEvent(record, message.order_id);
        gate.apply('order.event', message);
        orders.applyEvent(message, markOf(record));
      },
    });
  }

  #restReader(from: LogTail['offsets']) {
    const { reading, orders } = this.#options;
    return new StreamReader({
      ...reading,
      topics: ['order.request', 'order.decision', 'fill'],
      from,
      handle: (input) => {
        const { order_id: orderId } = input.message;
        const mayOpen = this.#alignment?.mayOpen(input.record, orderId) ?? true;
        if (input.topic === 'order.decision') this.#decide(input.message, mayOpen);
        if (!mayOpen && orders.get(orderId) === undefined) {
          orders.noteOmission();
          return;
        }
        const mark = markOf(input.record);
        switch (input.topic) {
          case 'order.request':
            return orders.applyRequest(input.message, mark);
          case 'order.decision':
            return orders.applyDecision(input.message, mark);
          case 'fill':
            return orders.applyFill(input.message, mark);
        }
      },
    });
  }

  /** The gate forgets what is done sooner than the history: opened again, it would stay open. */
  #decide(decision: OrderDecision, mayOpen: boolean): void {
    const { gate } = this.#options;
    const isKnown = gate.account(decision.account_id)?.order(decision.order_id) !== undefined;
    if (mayOpen || isKnown) gate.apply('order.decision', decision);
  }
}
