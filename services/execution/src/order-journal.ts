import { type OutgoingRecord, outgoingRecord, type Position } from '@cerberus/bus';
import type { Codecs, Leader } from '@cerberus/schema';
import type { EmissionQueue } from './emission.ts';
import type { OrderStep } from './order-step.ts';
import { saveOrder } from './saved-order.ts';
import type { WorkingOrder } from './working-order.ts';

export interface JournalEntry {
  readonly steps: readonly OrderStep[];
  /** Finished orders whose saved state is deleted. */
  readonly forgotten: readonly WorkingOrder[];
  readonly progress?: Position | undefined;
}

export const STATE_TOPIC = 'execution.state';

/** Writes steps as events and fills beside the saved order, all in one commit. */
export class OrderJournal {
  readonly #codecs: Codecs;
  readonly #queue: EmissionQueue;

  constructor(codecs: Codecs, queue: EmissionQueue) {
    this.#codecs = codecs;
    this.#queue = queue;
  }

  async write({ steps, forgotten, progress }: JournalEntry): Promise<void> {
    const records = [
      ...steps.flatMap((step) => this.#outputs(step)),
      ...this.#saved(steps),
      ...forgotten.map((order) => tombstone(order)),
    ];
    await this.#queue.emit({ records, ...(progress === undefined ? {} : { progress }) });
  }

  async skip(progress: Position): Promise<void> {
    await this.#queue.emit({ records: [], progress });
  }

  async announce(leader: Leader): Promise<void> {
    const record = outgoingRecord(this.#codecs, { topic: 'control.leader', value: leader });
    await this.#queue.emit({ records: [record] });
  }

  #outputs({ order, event, fill }: OrderStep): OutgoingRecord[] {
    const headers = order.traceparent === null ? {} : { traceparent: order.traceparent };
    const records = [
      outgoingRecord(this.#codecs, { topic: 'order.event', value: event }, { headers }),
    ];
    if (fill !== null) {
      records.push(outgoingRecord(this.#codecs, { topic: 'fill', value: fill }, { headers }));
    }
    return records;
  }

  /** Only the last state of an order in this entry. */
  #saved(steps: readonly OrderStep[]): OutgoingRecord[] {
    const last = new Map(steps.map(({ order }) => [order.orderId, order]));
    return [...last.values()].map((order) => ({
      ...stateKey(order),
      value: this.#codecs.encode(STATE_TOPIC, saveOrder(order)),
    }));
  }
}

function tombstone(order: WorkingOrder): OutgoingRecord {
  return { ...stateKey(order), value: null };
}

function stateKey({ orderId, accountId }: WorkingOrder) {
  return { topic: STATE_TOPIC, key: orderId, partitionKey: accountId };
}
