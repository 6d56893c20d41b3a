import type { Position } from '@cerberus/bus';
import { type Clock, type Fault, invariant } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { Logger } from '@cerberus/runtime';
import type { OrderJournal } from './order-journal.ts';
import {
  type OrderStep,
  type StepTime,
  type TriggerDetail,
  takeStep,
  takeTrade,
} from './order-step.ts';
import { SerialTasks } from './serial-tasks.ts';
import type { VenueReport } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

/** Finished orders still known, so that a late report finds its order; the oldest go first. */
const DONE_ORDERS_MAX = 2000;

export interface OrderDeskOptions {
  readonly journal: OrderJournal;
  readonly clock: Clock;
  readonly log: Logger;
  /** Fencing token of this term. */
  readonly token: number;
}

/** The orders of this term: their state, and every change of it written before it counts. */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  readonly #orders = new Map<string, WorkingOrder>();
  readonly #byClientId = new Map<string, string>();
  readonly #done = new Set<string>();
  readonly #tasks = new SerialTasks();

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  get(orderId: string): WorkingOrder | undefined {
    return this.#orders.get(orderId);
  }

  byClientId(clientOrderId: string): WorkingOrder | undefined {
    const orderId = this.#byClientId.get(clientOrderId);
    return orderId === undefined ? undefined : this.#orders.get(orderId);
  }

  open(): WorkingOrder[] {
    return [...this.#orders.values()].filter((order) => !isTerminal(order.status));
  }

  /** Finished orders that are still known, newest last. */
  recentlyDone(): WorkingOrder[] {
    return [...this.#done].map((id) => this.#orders.get(id)!);
  }

  /** An order as an earlier term or the log left it. */
  restore(order: WorkingOrder): void {
    this.#keep(order);
  }

  /** One task of an order at a time. */
  serially(orderId: string, task: () => Promise<void>): Promise<void> {
    return this.#tasks.run(orderId, task);
  }

  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** Writes the first step of an order together with how far the decisions have been read. */
  async begin(step: OrderStep, progress: Position): Promise<void> {
    invariant(!this.#orders.has(step.order.orderId), 'an order is opened once');
    await this.#write([step], progress);
  }

  /** Reads on past a decision that changes nothing. */
  async skip(progress: Position): Promise<void> {
    await this.#options.journal.skip(progress);
  }

  async trigger(
    orderId: string,
    trigger: Parameters<typeof takeStep>[1],
    detail: TriggerDetail = {},
  ): Promise<void> {
    const order = this.#known(orderId);
    const step = takeStep(order, trigger, this.now(), detail);
    if (step.ok) await this.#write([step.value]);
    else this.#refused(order, step.error);
  }

  /** False where the order is past cancelling; the progress is written either way. */
  async requestCancel(orderId: string, progress?: Position): Promise<boolean> {
    const order = this.#known(orderId);
    const step = takeStep({ ...order, cancelRequested: true }, 'cancel-requested', this.now());
    if (step.ok) {
      await this.#write([step.value], progress);
      return true;
    }
    // A cancel of an order that is being cancelled already asks for nothing new.
    if (order.status !== 'PENDING_CANCEL') this.#refused(order, step.error);
    if (progress !== undefined) await this.skip(progress);
    return false;
  }

  /**
   * Takes what a venue says of an order: trades first, then the status they lead to. A report that
   * brings nothing new changes nothing. False where the report counts more fills than its trades
   * explain: the missing trades must be asked for before the order may end.
   */
  async report(orderId: string, report: VenueReport): Promise<boolean> {
    const time = this.now(report.eventTime);
    const steps: OrderStep[] = [];
    let order = this.#known(orderId);
    for (const trade of report.trades) {
      const traded = takeTrade({ ...order, venueOrderId: report.venueOrderId }, trade, time);
      if (traded === undefined) continue;
      if (!traded.ok) {
        this.#refused(order, traded.error);
        continue;
      }
      steps.push(traded.value);
      order = traded.value.order;
    }
    const complete = order.filledQuantity >= report.filledQuantity;
    if (complete) {
      const step = this.#statusStep(order, report, time);
      if (step !== undefined) steps.push(step);
    }
    if (steps.length > 0) await this.#write(steps);
    return complete;
  }

  now(eventTime = this.#options.clock.nowUs()): StepTime {
    return { eventTime, recordTime: this.#options.clock.nowUs(), token: this.#options.token };
  }

  #statusStep(order: WorkingOrder, report: VenueReport, time: StepTime): OrderStep | undefined {
    const { trigger, venueOrderId, reason } = report;
    if (trigger === null || isTerminal(order.status)) return undefined;
    const waits = order.status === 'PENDING_NEW' || order.status === 'UNKNOWN';
    if (trigger === 'accepted' && !waits) return undefined;
    const step = takeStep(order, trigger, time, { venueOrderId, reason });
    if (step.ok) return step.value;
    this.#refused(order, step.error);
    return undefined;
  }

  /** Memory moves first, so that the next report builds on it; a commit that fails ends the term. */
  async #write(steps: readonly OrderStep[], progress?: Position): Promise<void> {
    const last = steps.at(-1);
    invariant(last !== undefined, 'there is a step to write');
    this.#keep(last.order);
    const forgotten = this.#forget();
    await this.#options.journal.write({ steps, forgotten, progress });
  }

  #keep(order: WorkingOrder): void {
    this.#orders.set(order.orderId, order);
    this.#byClientId.set(order.clientOrderId, order.orderId);
    if (isTerminal(order.status)) this.#done.add(order.orderId);
  }

  #forget(): WorkingOrder[] {
    const forgotten: WorkingOrder[] = [];
    for (const id of this.#done) {
      if (this.#done.size <= DONE_ORDERS_MAX) break;
      const order = this.#known(id);
      this.#done.delete(id);
      this.#orders.delete(id);
      this.#byClientId.delete(order.clientOrderId);
      forgotten.push(order);
    }
    return forgotten;
  }

  #known(orderId: string): WorkingOrder {
    const order = this.#orders.get(orderId);
    invariant(order !== undefined, `order ${orderId} is on the desk`);
    return order;
  }

  #refused(order: WorkingOrder, fault: Fault): void {
    this.#options.log.error(
      {
        order_id: order.orderId,
        code: fault.code,
        expected: fault.expected,
        received: fault.received,
      },
      'an illegal order transition was refused',
    );
  }
}
