import { add, ZERO } from '@cerberus/core';
import type { Fill, OrderDecision, OrderEvent, OrderStatus } from '@cerberus/schema';

/** Everything known of one order. Its records come from three topics, so in any order. */
export interface OrderFile {
  readonly decision: OrderDecision | null;
  readonly event: OrderEvent | null;
  readonly fills: readonly Fill[];
  readonly arrivalBid: number | null;
  readonly arrivalAsk: number | null;
  /** When the order was found complete, microseconds; it is forgotten some time after. */
  readonly completeAt: number | null;
}

export const EMPTY_FILE: OrderFile = {
  decision: null,
  event: null,
  fills: [],
  arrivalBid: null,
  arrivalAsk: null,
  completeAt: null,
};

const DONE: ReadonlySet<OrderStatus> = new Set(['CANCELED', 'REJECTED', 'EXPIRED', 'FILLED']);

/** Undefined where the fill is known already. */
export function withFill(file: OrderFile, fill: Fill): OrderFile | undefined {
  if (file.fills.some(({ fill_id }) => fill_id === fill.fill_id)) return undefined;
  return { ...file, fills: [...file.fills, fill] };
}

/** Undefined where a newer event is known already. */
export function withEvent(file: OrderFile, event: OrderEvent): OrderFile | undefined {
  if (file.event !== null && file.event.sequence >= event.sequence) return undefined;
  return { ...file, event };
}

/** The order is over and every one of its fills is here. */
export function isComplete({ event, fills }: OrderFile): boolean {
  if (event === null || !DONE.has(event.status)) return false;
  const filled = fills.reduce((sum, fill) => add(sum, fill.quantity), ZERO);
  return filled >= event.filled_quantity;
}
