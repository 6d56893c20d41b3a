import type { Decimal } from '@cerberus/core';
import { isTerminal } from '@cerberus/orders';
import type {
  Fill,
  OrderDecision,
  OrderEvent,
  OrderRequest,
  OrderStatus,
  PositionAdjustment,
  Side,
} from '@cerberus/schema';
import { OrderPace, orderTermsKey } from './order-pace.ts';
import { RecentIds } from './recent-ids.ts';

/** Open orders an account may have; one more is blocked. */
export const OPEN_ORDERS_MAX = 10_000;
/**
 * Approved orders of which execution has said nothing yet. With more, the emitter is so far behind that
 * what is approved now would expire before it is sent; and it would be held up by all of it.
 */
export const UNSENT_ORDERS_MAX = 1000;
/** Orders that are done and still known, so that a late fill or a repeated id is recognised. */
export const DONE_ORDERS_MAX = 10_000;
/** Requests, adjustments and approvals remembered against doubles. */
export const SEEN_IDS_MAX = 20_000;

/** An approved order and what it holds of the limits until it is done. */
export interface WorkingOrder {
  readonly orderId: string;
  readonly instrumentId: string;
  readonly strategyId: string | null;
  readonly side: Side;
  readonly quantity: bigint;
  /** Quantity of an approved change that the venue has not yet confirmed. */
  readonly pendingQuantity: bigint | null;
  readonly filledQuantity: bigint;
  /** Could still trade: max(quantity, pendingQuantity) − filled until done, then 0. */
  readonly reserved: bigint;
  /** null until execution says anything of it. */
  readonly status: OrderStatus | null;
  readonly sequence: number;
}

/** Position and open orders of one instrument. */
export interface Exposure {
  /** Signed. */
  readonly position: bigint;
  readonly openBuy: bigint;
  readonly openSell: bigint;
}

const NO_EXPOSURE: Exposure = Object.freeze({ position: 0n, openBuy: 0n, openSell: 0n });

/** What changed since it was last asked: `position|id`, `order|id`, `request|id`, `adjustment|id`, `fee|id`. */
export type AccountChange = `${'position' | 'order' | 'request' | 'adjustment' | 'fee'}|${string}`;

export interface GateAccountOptions {
  /**
   * `events`: positions follow the cumulative quantities of order events, in one step with the
   * reservation (the gate). `table`: positions are set from outside (an advisory replica).
   */
  readonly positions: 'events' | 'table';
  /** Whether changes are noted for `takeChanges`. */
  readonly journal: boolean;
}

export type EventOutcome = 'applied' | 'duplicate' | 'contradictory';

/** State of one account at the gate: positions, open orders with their reservations, recent ids. */
export class GateAccount {
  readonly accountId: string;
  readonly pace = new OrderPace();
  readonly #options: GateAccountOptions;
  readonly #exposures = new Map<string, Exposure>();
  readonly #orders = new Map<string, WorkingOrder>();
  readonly #done = new Set<string>();
  readonly #unsent = new Set<string>();
  readonly #requests = new RecentIds(SEEN_IDS_MAX);
  readonly #adjustments = new RecentIds(SEEN_IDS_MAX);
  /** Fills whose fee was taken from the position. */
  readonly #fees = new RecentIds(SEEN_IDS_MAX);
  #changes = new Set<AccountChange>();

  constructor(accountId: string, options: GateAccountOptions) {
    this.accountId = accountId;
    this.#options = options;
  }

  exposure(instrumentId: string): Exposure {
    return this.#exposures.get(instrumentId) ?? NO_EXPOSURE;
  }

  exposures(): IterableIterator<[string, Exposure]> {
    return this.#exposures.entries();
  }

  order(orderId: string): WorkingOrder | undefined {
    return this.#orders.get(orderId);
  }

  get openOrderCount(): number {
    return this.#orders.size - this.#done.size;
  }

  get unsentOrderCount(): number {
    return this.#unsent.size;
  }

  /** Whether this was decided before: the request itself, or a new order of the same id. */
  isRepeated(request: Pick<OrderRequest, 'request_id' | 'kind' | 'order_id'>): boolean {
    if (this.#requests.has(request.request_id)) return true;
    return request.kind === 'NEW' && this.#requests.has(newOrderKey(request.order_id));
  }

  knowsRequest(requestId: string): boolean {
    return this.#requests.has(requestId);
  }

  /** Takes a decision as made: an approval reserves at once. Repeating it changes nothing. */
  applyDecision(decision: OrderDecision): void {
    const { kind, outcome } = decision;
    if (this.isRepeated(decision)) return;
    this.#rememberRequest(decision.request_id);
    if (kind === 'NEW') this.#rememberRequest(newOrderKey(decision.order_id));
    if (outcome !== 'APPROVED' || kind === 'CANCEL') return;
    this.pace.note(orderTermsKey(decision), decision.decision_time);
    if (kind === 'NEW') this.#openOrder(decision);
    else this.#changeOrder(decision);
  }

  /** Moves position and reservation to what the event says, in one step. */
  applyEvent(event: OrderEvent): EventOutcome {
    const before = this.#orders.get(event.order_id) ?? orderOf(event);
    if (event.sequence <= before.sequence) return 'duplicate';
    const { pendingQuantity } = before;
    const settled = event.status === 'REPLACED' && event.quantity === pendingQuantity;
    const over = before.status !== null && isTerminal(before.status);
    const status = over && !isTerminal(event.status) ? before.status : event.status;
    const after: WorkingOrder = withReserve({
      ...before,
      quantity: event.quantity,
      pendingQuantity: settled ? null : pendingQuantity,
      filledQuantity:
        event.filled_quantity > before.filledQuantity
          ? event.filled_quantity
          : before.filledQuantity,
      status,
      sequence: event.sequence,
    });
    this.#replace(before, after);
    if (this.#options.positions === 'events') {
      const filled = after.filledQuantity - before.filledQuantity;
      this.#shift(after.instrumentId, after.side === 'BUY' ? filled : -filled);
    }
    return status === event.status ? 'applied' : 'contradictory';
  }

  /** False where it was applied before. */
  applyAdjustment(adjustment: PositionAdjustment): boolean {
    const { adjustment_id: id, instrument_id: instrumentId, quantity } = adjustment;
    if (this.#adjustments.has(id)) return false;
    const forgotten = this.#adjustments.add(id);
    this.#note(`adjustment|${id}`);
    if (forgotten !== undefined) this.#note(`adjustment|${forgotten}`);
    if (instrumentId !== null && this.#options.positions === 'events') {
      this.#shift(instrumentId, quantity);
    }
    return true;
  }

  /**
   * Takes off the position what the venue kept of the coins it delivered; the traded quantity itself
   * comes with the order's events. False where nothing was kept or it was taken off before.
   */
  applyFee(fill: Fill, deliveredCurrency: string | null): boolean {
    const { fill_id: id, fee, fee_currency: currency } = fill;
    if (fee === 0n || currency !== deliveredCurrency || this.#fees.has(id)) return false;
    const forgotten = this.#fees.add(id);
    this.#note(`fee|${id}`);
    if (forgotten !== undefined) this.#note(`fee|${forgotten}`);
    if (this.#options.positions === 'events') this.#shift(fill.instrument_id, -fee);
    return true;
  }

  knowsFee(fillId: string): boolean {
    return this.#fees.has(fillId);
  }

  restoreFee(fillId: string): void {
    this.#fees.add(fillId);
  }

  /** For a replica that takes positions from the `position` table. */
  setPosition(instrumentId: string, quantity: Decimal): void {
    this.#exposures.set(instrumentId, { ...this.exposure(instrumentId), position: quantity });
  }

  knowsAdjustment(id: string): boolean {
    return this.#adjustments.has(id);
  }

  /** Keys changed since the last call; one whose entry is gone is to be deleted. */
  takeChanges(): ReadonlySet<AccountChange> {
    const changes = this.#changes;
    if (changes.size > 0) this.#changes = new Set();
    return changes;
  }

  // Restoring from a changelog, entry by entry.

  restoreRequest(requestId: string): void {
    this.#requests.add(requestId);
  }

  restoreAdjustment(id: string): void {
    this.#adjustments.add(id);
  }

  /** By ascending time. */
  restorePace(terms: string, timeUs: number): void {
    this.pace.note(terms, timeUs);
  }

  restorePosition(instrumentId: string, position: bigint): void {
    this.#exposures.set(instrumentId, { ...this.exposure(instrumentId), position });
  }

  restoreOrder(order: WorkingOrder): void {
    const before = this.#orders.get(order.orderId);
    this.#replace(before ?? { ...order, reserved: 0n }, order);
  }

  #openOrder(decision: OrderDecision): void {
    if (this.#orders.has(decision.order_id)) return;
    const order: WorkingOrder = {
      orderId: decision.order_id,
      instrumentId: decision.instrument_id,
      strategyId: decision.strategy_id,
      side: decision.side,
      quantity: decision.quantity,
      pendingQuantity: null,
      filledQuantity: 0n,
      reserved: 0n,
      status: null,
      sequence: 0,
    };
    this.#replace(order, withReserve(order));
  }

  /** Until the venue confirms a change, both its quantity and the old one may be at work. */
  #changeOrder(decision: OrderDecision): void {
    const before = this.#orders.get(decision.order_id);
    if (before === undefined || (before.status !== null && isTerminal(before.status))) return;
    const asked = decision.quantity;
    const pending = before.pendingQuantity ?? 0n;
    const pendingQuantity = asked > pending ? asked : pending;
    this.#replace(before, withReserve({ ...before, pendingQuantity }));
  }

  #replace(before: WorkingOrder, after: WorkingOrder): void {
    const { instrumentId, side, orderId } = after;
    this.#orders.set(orderId, after);
    if (after.status === null) this.#unsent.add(orderId);
    else this.#unsent.delete(orderId);
    this.#note(`order|${orderId}`);
    const change = after.reserved - before.reserved;
    if (change !== 0n) {
      const known = this.exposure(instrumentId);
      this.#exposures.set(instrumentId, {
        position: known.position,
        openBuy: side === 'BUY' ? known.openBuy + change : known.openBuy,
        openSell: side === 'SELL' ? known.openSell + change : known.openSell,
      });
    }
    if (after.status === null || !isTerminal(after.status)) return;
    this.#done.add(orderId);
    if (this.#done.size <= DONE_ORDERS_MAX) return;
    const [oldest] = this.#done;
    if (oldest === undefined) return;
    this.#done.delete(oldest);
    this.#orders.delete(oldest);
    this.#note(`order|${oldest}`);
  }

  #shift(instrumentId: string, quantity: bigint): void {
    if (quantity === 0n) return;
    const known = this.exposure(instrumentId);
    this.#exposures.set(instrumentId, { ...known, position: known.position + quantity });
    this.#note(`position|${instrumentId}`);
  }

  #rememberRequest(requestId: string): void {
    const forgotten = this.#requests.add(requestId);
    this.#note(`request|${requestId}`);
    if (forgotten !== undefined) this.#note(`request|${forgotten}`);
  }

  #note(change: AccountChange): void {
    if (this.#options.journal) this.#changes.add(change);
  }
}

/** Remembered beside request ids, so that a retry under a new request id decides nothing anew. */
function newOrderKey(orderId: string): string {
  return `new:${orderId}`;
}

/** An order first heard of by an event: its decision is still on its way, or was long ago. */
function orderOf(event: OrderEvent): WorkingOrder {
  return {
    orderId: event.order_id,
    instrumentId: event.instrument_id,
    strategyId: null,
    side: event.side,
    quantity: event.quantity,
    pendingQuantity: null,
    filledQuantity: 0n,
    reserved: 0n,
    status: null,
    sequence: 0,
  };
}

function withReserve(order: WorkingOrder): WorkingOrder {
  const { quantity, pendingQuantity, filledQuantity, status } = order;
  const most = pendingQuantity !== null && pendingQuantity > quantity ? pendingQuantity : quantity;
  const rest = most > filledQuantity ? most - filledQuantity : 0n;
  return { ...order, reserved: status !== null && isTerminal(status) ? 0n : rest };
}
