import { StreamReader } from '@cerberus/bus';
import { HttpProblem, WEB_ERRORS } from '@cerberus/web';
import type { GatewayContext } from '../ports.ts';
import { type OrderEntry, OrderHistory } from './order-history.ts';
import { markOf } from './record-mark.ts';
import { ORDER_TOPICS } from './tables.ts';

const SCAN_WITHIN_MS = 8_000;
/** Whole-log scans at once; they cost the bus as much as a consumer that starts anew. */
const SCANS_MAX = 2;

let scans = 0;

/** An order from memory or, where that does not know what was asked for, from the log. */
export async function findOrder(
  context: GatewayContext,
  recent: OrderHistory,
  orderId: string,
): Promise<OrderEntry | undefined> {
  const known = recent.get(orderId);
  const isWhole = known?.request !== undefined || known?.decision !== undefined;
  return isWhole ? known : ((await readPastOrder(context, recent, orderId)) ?? known);
}

/**
 * An order that has left memory, read from the log. undefined where memory already reaches back to
 * the first record, or where the log does not know the order.
 */
async function readPastOrder(
  context: GatewayContext,
  recent: OrderHistory,
  orderId: string,
): Promise<OrderEntry | undefined> {
  if (!recent.hasForgotten) return undefined;
  if (scans >= SCANS_MAX) throw busy();
  scans += 1;
  const past = new OrderHistory();
  const reader = new StreamReader({
    name: 'gateway order archive',
    bus: context.bus,
    codecs: context.codecs,
    host: context,
    topics: ORDER_TOPICS,
    from: 'beginning',
    handle: (input) => {
      if (input.message.order_id !== orderId) return;
      const mark = markOf(input.record);
      if (input.topic === 'order.request') past.applyRequest(input.message, mark);
      else if (input.topic === 'order.decision') past.applyDecision(input.message, mark);
      else if (input.topic === 'order.event') past.applyEvent(input.message, mark);
      else past.applyFill(input.message, mark);
    },
  });
  let giveUp: (error: HttpProblem) => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const timer = context.clock.after(SCAN_WITHIN_MS, () => giveUp(busy()));
  try {
    await reader.start();
    await Promise.race([reader.drained(), late]);
    return past.get(orderId);
  } finally {
    timer.cancel();
    scans -= 1;
    await reader.stop();
  }
}

function busy(): HttpProblem {
  return new HttpProblem(WEB_ERRORS.TIMEOUT, {
    detail: 'The order is no longer in memory and the log could not be read in time.',
    headers: { 'retry-after': '10' },
  });
}
