import type { Clock } from '@cerberus/core';
import type { Logger } from '@cerberus/runtime';
import { inParallel } from './in-parallel.ts';
import type { AccountTrade, ListOutcome, VenueGateway, VenueReport } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

/** Orders that ended so long ago at most are compared with the venue's trades at take-over. */
export const RECENT_MS = 600_000;

/** Questions on their way to one venue at once; its client holds 16 connections. */
export const ASK_AT_ONCE = 16;

/** With fewer orders of an instrument than this, asking for each costs the venue less than a list. */
const LIST_FROM = 5;

/** An order is sent before its approval ends, and approvals are short. */
const BEFORE_EXPIRY_MS = 600_000;

/** What was created longer ago is asked for singly. */
const ORDERS_BACK_MS = 86_400_000;

/** What a venue says of an order of ours. */
export interface Told {
  readonly order: WorkingOrder;
  readonly gateway: VenueGateway;
  readonly report: VenueReport;
}

export interface Sorted {
  readonly told: readonly Told[];
  /** The venue never acknowledged them, and a list that leaves nothing out does not hold them. */
  readonly unseen: readonly WorkingOrder[];
  /** To be asked for singly. */
  readonly rest: readonly WorkingOrder[];
}

export interface BulkQuestionsOptions {
  readonly gatewayOf: (order: WorkingOrder) => VenueGateway | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One round of questions about many orders: one per instrument for its orders, one for its trades. A
 * question per order would use up the venue's budget, and nobody could lead until its minute ends.
 */
export class BulkQuestions {
  readonly #options: BulkQuestionsOptions;
  readonly #trades = new Map<string, Promise<ListOutcome<AccountTrade>>>();

  constructor(options: BulkQuestionsOptions) {
    this.#options = options;
  }

  /** Asks for the orders that no list of open ones holds. */
  async sort(orders: readonly WorkingOrder[]): Promise<Sorted> {
    const sorted = { told: [] as Told[], unseen: [] as WorkingOrder[], rest: [] as WorkingOrder[] };
    const byInstrument = Map.groupBy(orders, (order) => order.instrumentId);
    await inParallel(byInstrument.values(), ASK_AT_ONCE, async (group) => {
      const one = await this.#sortInstrument(group);
      sorted.told.push(...one.told);
      sorted.unseen.push(...one.unseen);
      sorted.rest.push(...one.rest);
    });
    return sorted;
  }

  /** The reports with the trades that they count and we lack. */
  async withTrades(told: readonly Told[]): Promise<Told[]> {
    const lacking = told.filter(
      ({ order, report }) => report.filledQuantity > order.filledQuantity,
    );
    const missing = new Set(lacking.map(({ report }) => report));
    const trades = new Map<string, AccountTrade[]>();
    const byInstrument = Map.groupBy(lacking, ({ order }) => order.instrumentId);
    await inParallel(byInstrument, ASK_AT_ONCE, async ([instrumentId, group]) => {
      // One order's trades cost as much as everybody's.
      if (group.length < 2) return;
      const listed = await this.trades(group[0]!.gateway, instrumentId);
      // Where it failed, or lacks one, the order's own trades are asked for.
      if (listed.kind === 'failed') return;
      for (const trade of listed.items) {
        const key = `${instrumentId} ${trade.venueOrderId}`;
        trades.set(key, [...(trades.get(key) ?? []), trade]);
      }
    });
    return told.map((one) => {
      const found = trades.get(`${one.order.instrumentId} ${one.report.venueOrderId}`);
      if (found === undefined || !missing.has(one.report)) return one;
      return { ...one, report: { ...one.report, trades: found.map(({ trade }) => trade) } };
    });
  }

  /** The recent trades of an instrument, asked for once a round. */
  trades(gateway: VenueGateway, instrumentId: string): Promise<ListOutcome<AccountTrade>> {
    const sinceMs = this.#nowMs() - RECENT_MS;
    const asked = this.#trades.get(instrumentId) ?? gateway.tradesSince(instrumentId, sinceMs);
    this.#trades.set(instrumentId, asked);
    return asked;
  }

  async #sortInstrument(orders: readonly WorkingOrder[]): Promise<Sorted> {
    const earliestMs = this.#nowMs() - ORDERS_BACK_MS;
    const young = orders.filter((order) => createdSinceMs(order) >= earliestMs);
    const gateway = this.#options.gatewayOf(orders[0]!);
    const singly: Sorted = { told: [], unseen: [], rest: orders };
    if (gateway === undefined || young.length < LIST_FROM) return singly;
    const { instrumentId } = orders[0]!;
    const sinceMs = Math.min(...young.map(createdSinceMs));
    const listed = await gateway.ordersSince(instrumentId, sinceMs);
    if (listed.kind === 'failed') {
      const told = { instrument_id: instrumentId, reason: listed.reason };
      this.#options.log.warn(told, 'the orders of an instrument could not be listed');
      return singly;
    }
    const reports = new Map(listed.items.map((report) => [report.clientOrderId, report]));
    const told: Told[] = [];
    const unseen: WorkingOrder[] = [];
    const rest = orders.filter((order) => createdSinceMs(order) < earliestMs);
    for (const order of young) {
      const report = reports.get(order.clientOrderId);
      // The list of open ones lacks it: one that reads as working here is told too late.
      if (report !== undefined && report.trigger !== 'accepted') {
        told.push({ order, gateway, report });
      } else if (report === undefined && listed.isComplete && order.venueOrderId === null) {
        unseen.push(order);
      } else rest.push(order);
    }
    return { told, unseen, rest };
  }

  #nowMs(): number {
    return this.#options.clock.nowUs() / 1000;
  }
}

function createdSinceMs(order: WorkingOrder): number {
  return order.approvalExpiresAt / 1000 - BEFORE_EXPIRY_MS;
}
