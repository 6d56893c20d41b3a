import type { Fault } from '@cerberus/core';
import type { OrderEvent } from '@cerberus/schema';
import { isTerminal } from './order-status.ts';
import { applyOrderEvent, type OrderStep, type OrderView } from './order-view.ts';

export interface OrderCounts {
  readonly applied: number;
  readonly duplicates: number;
  /** Illegal transitions and events that contradict their order. */
  readonly refused: number;
  /** Events that never arrived, by the sequence numbers of those that did. */
  readonly missed: number;
}

export interface OrderTableOptions {
  /** Orders that are done and still kept; the one done longest ago is forgotten first. */
  readonly doneOrdersMax: number;
}

/** Orders by id, from their events. Open orders are kept without bound: a gate bounds them. */
export class OrderTable {
  readonly #open = new Map<string, OrderView>();
  readonly #done = new Map<string, OrderView>();
  readonly #doneOrdersMax: number;
  #applied = 0;
  #duplicates = 0;
  #refused = 0;
  #missed = 0;
  #lastRefusal: Fault | undefined;

  constructor(options: OrderTableOptions) {
    this.#doneOrdersMax = options.doneOrdersMax;
  }

  apply(event: OrderEvent): OrderStep {
    const id = event.order_id;
    const step = applyOrderEvent(this.get(id), event);
    switch (step.kind) {
      case 'duplicate':
        this.#duplicates += 1;
        break;
      case 'refused':
        this.#refused += 1;
        this.#lastRefusal = step.fault;
        break;
      case 'applied':
        this.#applied += 1;
        this.#missed += step.missed;
        this.#keep(step.view);
        break;
    }
    return step;
  }

  get(orderId: string): OrderView | undefined {
    return this.#open.get(orderId) ?? this.#done.get(orderId);
  }

  open(): IterableIterator<OrderView> {
    return this.#open.values();
  }

  done(): IterableIterator<OrderView> {
    return this.#done.values();
  }

  get counts(): OrderCounts {
    return {
      applied: this.#applied,
      duplicates: this.#duplicates,
      refused: this.#refused,
      missed: this.#missed,
    };
  }

  get lastRefusal(): Fault | undefined {
    return this.#lastRefusal;
  }

  #keep(view: OrderView): void {
    if (!isTerminal(view.status)) {
      this.#open.set(view.orderId, view);
      return;
    }
    this.#open.delete(view.orderId);
    this.#done.set(view.orderId, view);
    if (this.#done.size <= this.#doneOrdersMax) return;
    const [oldest] = this.#done.keys();
    if (oldest !== undefined) this.#done.delete(oldest);
  }
}
