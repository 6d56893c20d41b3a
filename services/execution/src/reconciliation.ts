import type { Clock, EpochUs } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type { CounterMetric, Logger } from '@cerberus/runtime';
import { ASK_AT_ONCE, BulkQuestions, RECENT_MS, type Told } from './bulk-questions.ts';
import { tooLong } from './errors.ts';
import { inParallel } from './in-parallel.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Resolution, Verdict } from './resolution.ts';
import type { AccountTrade, VenueGateway, VenueReport } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

export interface ReconciliationOptions {
  readonly desk: OrderDesk;
  readonly resolution: Resolution;
  readonly gateways: readonly VenueGateway[];
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly strays: CounterMetric;
  /** Aborted when the term ends. */
  readonly signal: AbortSignal;
}

export interface FinishedOrder {
  readonly order: WorkingOrder;
  readonly savedAtUs: EpochUs;
}

interface Answers {
  readonly unanswered: readonly WorkingOrder[];
  /** False where a list that was wanted failed. */
  readonly isListed: boolean;
}

/** With fewer open orders than this, asking for each costs the venue less than asking for all. */
const LIST_FROM = 10;

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 1000;

/** A venue that this candidate does not reach may be reached by the next. */
const TAKE_OVER_LIMIT_MS = 30_000;

/** Compares what we hold of the orders with what the venues say. */
export class Reconciliation {
  readonly #options: ReconciliationOptions;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
  }

  /**
   * Before the first new order: every open order has been answered for by its venue, no order that we
   * call ended rests there, and no trade of the recently ended ones is missing. Asks until it is so, or
   * gives the place up.
   */
  async takeOver(finished: readonly FinishedOrder[]): Promise<void> {
    const { log, clock, signal } = this.#options;
    const untilMs = clock.monotonicMs() + TAKE_OVER_LIMIT_MS;
    let pauseMs = RETRY_FIRST_MS;
    let list = true;
    let owed = this.#recentlyTraded(finished);
    let open: readonly WorkingOrder[] = this.#options.desk.open();
    while (!signal.aborted) {
      const bulk = new BulkQuestions(this.#options);
      const asked: Answers = await this.#ask(open, { list, bulk });
      owed = await this.#readTrades(owed, bulk);
      open = asked.unanswered;
      // Those answered for need not be asked again; only a list tells of what rests unknown to us.
      list = !asked.isListed;
      if (!list && open.length === 0 && owed.length === 0) return;
      log.warn(
        { orders: open.length, instruments: owed.length },
        'waiting for the venue to answer for the orders of the former term',
      );
      if (clock.monotonicMs() > untilMs) throw tooLong('reconciling with the venue');
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS);
    }
  }

  /** Reports may have been missed: asks about every open order, once. */
  async sweep(): Promise<void> {
    const open = this.#options.desk.open();
    const bulk = new BulkQuestions(this.#options);
    await this.#ask(open, { list: open.length >= LIST_FROM, bulk });
  }

  async #ask(
    open: readonly WorkingOrder[],
    { list, bulk }: { readonly list: boolean; readonly bulk: BulkQuestions },
  ): Promise<Answers> {
    const { desk, resolution } = this.#options;
    const told: Told[] = [];
    const isListed = !list || (await this.#readOpen(told));
    const listed = new Set(told.map(({ order }) => order.orderId));
    const sorted = await bulk.sort(open.filter(({ orderId }) => !listed.has(orderId)));
    told.push(...sorted.told);
    const unanswered: WorkingOrder[] = [];
    const heed = (order: WorkingOrder, verdict: Verdict) => {
      if (verdict === 'later') unanswered.push(order);
      if (verdict !== 'settled') resolution.watch(order.orderId);
    };
    // The list is no proof that they never arrive: they stay as they are until asked for twice.
    for (const order of sorted.unseen) heed(order, 'absent');
    await inParallel(await bulk.withTrades(told), ASK_AT_ONCE, async ({ order, ...said }) => {
      heed(order, await resolution.hear(order.orderId, said.gateway, said.report));
    });
    await inParallel(sorted.rest, ASK_AT_ONCE, async (order) => {
      heed(order, await resolution.askOnce(order.orderId));
    });
    const left = unanswered.filter(({ orderId }) => {
      const order = desk.get(orderId);
      return order !== undefined && !isTerminal(order.status);
    });
    return { unanswered: left, isListed };
  }

  /** One question for everything open at each venue. False where one did not answer. */
  async #readOpen(told: Told[]): Promise<boolean> {
    const { gateways, log } = this.#options;
    let isComplete = true;
    await Promise.all(
      gateways.map(async (gateway) => {
        const listed = await gateway.openOrders();
        if (listed.kind === 'failed') {
          isComplete = false;
          log.warn({ reason: listed.reason }, 'the open orders of a venue could not be read');
          return;
        }
        await inParallel(listed.items, ASK_AT_ONCE, async (report) => {
          const order = this.#ours(gateway, report);
          if (order === undefined) return;
          if (isTerminal(order.status)) return await this.#endStray(gateway, order, report);
          told.push({ order, gateway, report });
        });
      }),
    );
    return isComplete;
  }

  #ours(gateway: VenueGateway, { clientOrderId }: VenueReport): WorkingOrder | undefined {
    const order = this.#options.desk.byClientId(clientOrderId);
    return order !== undefined && this.#options.gatewayOf(order) === gateway ? order : undefined;
  }

  /** It has ended for us and holds no reservation any more: it must not rest at the venue. */
  async #endStray(gateway: VenueGateway, order: WorkingOrder, report: VenueReport): Promise<void> {
    const { log, strays, desk } = this.#options;
    const now = desk.get(order.orderId);
    // Ended between the list and now, as the list itself cannot know.
    if (now !== order) return;
    const answer = await gateway.query(order);
    if (answer.kind !== 'report' || answer.report.trigger !== 'accepted') return;
    strays.inc();
    log.error(
      { order_id: order.orderId, status: order.status, venue_order_id: report.venueOrderId },
      'an order that had ended rests at the venue: it is canceled there',
    );
    await gateway.cancel(order);
    const trades = await gateway.trades({ ...order, venueOrderId: report.venueOrderId });
    if (trades.kind === 'failed') return;
    const { venueOrderId } = report;
    await this.#take(
      order,
      trades.trades.map((trade) => ({ venueOrderId, trade })),
    );
  }

  #recentlyTraded(finished: readonly FinishedOrder[]): WorkingOrder[] {
    const { clock, gatewayOf } = this.#options;
    const sinceUs = clock.nowUs() - RECENT_MS * 1000;
    return finished
      .filter(({ savedAtUs, order }) => savedAtUs >= sinceUs && order.venueOrderId !== null)
      .map(({ order }) => order)
      .filter((order) => gatewayOf(order) !== undefined);
  }

  /** One question per instrument. Gives the orders of those whose trades could not be read. */
  async #readTrades(recent: readonly WorkingOrder[], bulk: BulkQuestions): Promise<WorkingOrder[]> {
    const { gatewayOf, log } = this.#options;
    const unread: WorkingOrder[] = [];
    const byInstrument = Map.groupBy(recent, (order) => order.instrumentId);
    await inParallel(byInstrument, ASK_AT_ONCE, async ([instrumentId, orders]) => {
      const listed = await bulk.trades(gatewayOf(orders[0]!)!, instrumentId);
      if (listed.kind === 'failed') {
        log.warn({ instrument_id: instrumentId, reason: listed.reason }, 'trades were not read');
        unread.push(...orders);
        return;
      }
      const byOrder = Map.groupBy(listed.items, ({ venueOrderId }) => venueOrderId);
      for (const order of orders) await this.#take(order, byOrder.get(order.venueOrderId!) ?? []);
    });
    return unread;
  }

  /** Trades that we have are passed over; one that we have not is a fill, whatever the order's end. */
  #take(order: WorkingOrder, trades: readonly AccountTrade[]): Promise<void> {
    const { desk } = this.#options;
    const missing = trades.filter(({ trade }) => !order.tradeIds.includes(trade.tradeId));
    if (missing.length === 0) return Promise.resolve();
    return desk.serially(order.orderId, async () => {
      await desk.report(order.orderId, {
        clientOrderId: order.clientOrderId,
        venueOrderId: missing[0]!.venueOrderId,
        trigger: null,
        filledQuantity: order.filledQuantity,
        trades: missing.map(({ trade }) => trade),
        eventTime: desk.now().eventTime,
      });
    });
  }
}
