import { createHash } from 'node:crypto';
import { LedgerWriter, outgoingRecord } from '@cerberus/bus';
import type { EpochUs } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { KillSwitch, OrderDecision, OrderRequest } from '@cerberus/schema';
import { HttpProblem, type Principal, type WriteAnswer } from '@cerberus/web';
import { decisionDocument } from './document/decision-document.ts';
import { GATEWAY_ERRORS } from './errors.ts';
import { findOrder } from './model/order-archive.ts';
import { type OrderEntry, type OrderHistory, statusOf } from './model/order-history.ts';
import type { OrderTerms } from './order-intake.ts';
import type { GatewayContext } from './ports.ts';

/** Who asks for something, and the trace that the asking belongs to. */
export interface Asker {
  readonly principal: Principal;
  readonly idempotencyKey: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Requests waiting for their decision; beyond it answers are "pending" at once. */
const WAITING_MAX = 10_000;
const SOURCE = 'REST';

/** Turns what clients ask for into ledger records, and waits for what becomes of them. */
export class OrderCommands {
  readonly #context: GatewayContext;
  readonly #orders: OrderHistory;
  readonly #writer: LedgerWriter;
  readonly #waiting = new Map<string, (decision: OrderDecision) => void>();

  /** One record at a time, known to its readers by its request: neither fences nor transactions are needed. */
  constructor(context: GatewayContext, orders: OrderHistory, writerId: string) {
    this.#context = context;
    this.#orders = orders;
    this.#writer = new LedgerWriter({
      ...{ bus: context.bus, host: context, id: writerId, commit: 'each' },
    });
    orders.onChange((change) => {
      if (change.kind !== 'decision') return;
      const decision = change.entry.decision?.message;
      if (decision !== undefined) this.#waiting.get(decision.request_id)?.(decision);
    });
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  /**
   * Appends the order and waits for the gate. With an idempotency key the order id follows from it,
   * so a retry after a crash asks for the same order and not for a second one.
   */
  async submit(terms: OrderTerms, asker: Asker): Promise<WriteAnswer> {
    const orderId = this.#orderId(asker);
    const requestId = `${orderId}-new`;
    const known = this.#orders.get(orderId)?.decision?.message;
    if (known !== undefined) return answerOf(known);
    const { instrument: _instrument, ...fields } = terms;
    const decision = this.#decisionOn(requestId);
    try {
      await this.#append('order.submit', asker, {
        ...fields,
        ...this.#signature(asker),
        request_id: requestId,
        kind: 'NEW',
        order_id: orderId,
        parent_order_id: null,
      });
    } catch (error) {
      decision.abandon();
      throw error;
    }
    const made = await decision.promise;
    if (made === undefined) {
      return { status: 202, body: { order_id: orderId, status: 'PENDING', decision: null } };
    }
    return answerOf(made);
  }

  /** Cancels are always approved, so nothing is waited for. */
  async cancel(orderId: string, asker: Asker): Promise<WriteAnswer> {
    const entry = await findOrder(this.#context, this.#orders, orderId);
    const terms = entry?.request?.message ?? entry?.decision?.message;
    if (entry === undefined || terms === undefined) throw unknownOrder(orderId);
    const status = statusOf(entry);
    if (isTerminal(status)) {
      throw new HttpProblem(GATEWAY_ERRORS.ORDER_DONE, {
        detail: `Order ${orderId} is ${status}; there is nothing to cancel.`,
        members: { order_id: orderId, status },
      });
    }
    await this.#append(
      'order.cancel',
      asker,
      {
        ...termsOf(terms),
        ...this.#signature(asker),
        request_id: this.#requestId(asker),
        kind: 'CANCEL',
        order_id: orderId,
        parent_order_id: null,
      },
      entry,
    );
    return { status: 202, body: { order_id: orderId, status: 'PENDING_CANCEL' } };
  }

  async setKill(kill: KillSwitch, asker: Asker): Promise<void> {
    const { tracing, codecs } = this.#context;
    await tracing.withSpan('control.kill', { parent: asker.headers }, (span) => {
      const message = { topic: 'control.kill', value: kill } as const;
      return this.#write(outgoingRecord(codecs, message, { headers: span.headers() }));
    });
  }

  #append(name: string, asker: Asker, value: OrderRequest, of?: OrderEntry): Promise<void> {
    const { tracing, codecs } = this.#context;
    const attributes = { order_id: value.order_id, account_id: value.account_id };
    // A cancel belongs to the trace of its order.
    const traceparent = of?.request?.traceparent ?? of?.decision?.traceparent;
    const parent = traceparent == null ? asker.headers : { traceparent };
    return tracing.withSpan(name, { parent, attributes }, (span) => {
      const message = { topic: 'order.request', value } as const;
      return this.#write(outgoingRecord(codecs, message, { headers: span.headers() }));
    });
  }

  async #write(record: Parameters<LedgerWriter['append']>[0][number]): Promise<void> {
    try {
      await this.#writer.append([record]);
    } catch (error) {
      throw new HttpProblem(
        GATEWAY_ERRORS.LEDGER_DOWN,
        {
          detail: 'The ledger did not confirm the record; ask again with the same idempotency key.',
        },
        { cause: error },
      );
    }
  }

  #decisionOn(requestId: string): {
    readonly promise: Promise<OrderDecision | undefined>;
    abandon(): void;
  } {
    const { clock, config } = this.#context;
    let settle: (decision: OrderDecision | undefined) => void = () => undefined;
    const promise = new Promise<OrderDecision | undefined>((resolve) => {
      settle = resolve;
    });
    if (this.#waiting.size >= WAITING_MAX)
      return { promise: Promise.resolve(undefined), abandon: () => undefined };
    const end = (decision: OrderDecision | undefined): void => {
      timer.cancel();
      this.#waiting.delete(requestId);
      settle(decision);
    };
    const timer = clock.after(config.decisionWaitMs, () => end(undefined));
    this.#waiting.set(requestId, end);
    return { promise, abandon: () => end(undefined) };
  }

  #signature(asker: Asker): Pick<OrderRequest, 'source' | 'requested_by' | 'request_time'> {
    const { principal } = asker;
    return {
      source: SOURCE,
      requested_by: `${principal.owner} (key ${principal.keyId})`,
      request_time: this.#context.clock.nowUs() as EpochUs,
    };
  }

  #orderId(asker: Asker): string {
    if (asker.idempotencyKey === undefined) return `o-${this.#context.ids.next()}`;
    return `o${digest(asker.principal.keyId, asker.idempotencyKey)}`;
  }

  #requestId(asker: Asker): string {
    if (asker.idempotencyKey === undefined) return `r-${this.#context.ids.next()}`;
    return `r${digest(asker.principal.keyId, asker.idempotencyKey)}`;
  }
}

const DIGEST_LENGTH = 30;

function digest(keyId: string, idempotencyKey: string): string {
  const text = `${keyId}:${idempotencyKey}`;
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);
}

function termsOf(terms: OrderRequest | OrderDecision) {
  return {
    account_id: terms.account_id,
    strategy_id: terms.strategy_id,
    instrument_id: terms.instrument_id,
    side: terms.side,
    order_type: terms.order_type,
    quantity: terms.quantity,
    limit_price: terms.limit_price,
    stop_price: terms.stop_price,
    time_in_force: terms.time_in_force,
    expire_time: terms.expire_time,
    post_only: terms.post_only,
    reduce_only: terms.reduce_only,
  };
}

function answerOf(decision: OrderDecision): WriteAnswer {
  const document = decisionDocument(decision);
  const orderId = decision.order_id;
  if (decision.outcome === 'APPROVED') {
    return { status: 202, body: { order_id: orderId, status: 'PENDING_NEW', decision: document } };
  }
  const blocking = decision.checks.find(({ passed, severity }) => !passed && severity === 'HARD');
  throw new HttpProblem(GATEWAY_ERRORS.ORDER_BLOCKED, {
    detail: blocking?.message ?? 'The gate blocked the order.',
    members: { order_id: orderId, status: 'REJECTED', decision: document },
  });
}

export function unknownOrder(orderId: string): HttpProblem {
  return new HttpProblem(GATEWAY_ERRORS.ORDER_UNKNOWN, {
    errors: [{ path: 'params.id', expected: 'the id of an order', received: orderId }],
  });
}
