import type { HandlerContext, InputOf } from '@cerberus/bus';
import type { Alert } from '@cerberus/schema';
import { alertKey, type Condition, raise, resolve } from './alert-life.ts';
import type { AlertingConfig } from './config.ts';
import { decisionConditions, slippageCondition, unknownOrder } from './order-rules.ts';

export type OrderInput = 'order.decision' | 'order.event' | 'tca.report';
type Handler = HandlerContext<Alert>;

/** These have no end of their own: without one they would be kept for ever. */
const LAPSING: ReadonlySet<string> = new Set([
  ...['limit_breach', 'soft_limit_breach', 'limit_near', 'slippage', 'leader_change'],
]);

/** The order rules: each record of an account is judged once, by whoever holds its partition. */
export function onOrderInput(
  { topic, message }: InputOf<OrderInput>,
  handler: Handler,
  config: AlertingConfig,
): void {
  switch (topic) {
    case 'order.decision':
      for (const found of decisionConditions(message, config)) tell(found, handler, config);
      break;
    case 'order.event':
      if (message.status === 'UNKNOWN') tell(unknownOrder(message), handler, config);
      else clear({ rule: 'order_unknown', subject: message.order_id }, handler);
      break;
    case 'tca.report': {
      const found = slippageCondition(message, config);
      if (found !== undefined) tell(found, handler, config);
      break;
    }
  }
}

function tell(found: Condition, handler: Handler, config: AlertingConfig): void {
  const key = alertKey(found);
  const cooldownUs = config.cooldownMs * 1000;
  const open = handler.state.get(key);
  const { alert, tell: isTold } = raise(open, found, { now: handler.nowUs, cooldownUs });
  handler.state.put(key, alert);
  if (isTold) handler.emit('alert', alert);
}

/** The end of an alert, where one is open. */
export function clear(about: Pick<Condition, 'rule' | 'subject'>, handler: Handler): void {
  const key = alertKey(about);
  const alert = resolve(handler.state.get(key), handler.nowUs);
  if (alert === undefined) return;
  handler.state.delete(key);
  handler.emit('alert', alert);
}

/** Ends what has not come again for so long. */
export function lapse(handler: Handler, afterMs: number): void {
  const { state, nowUs } = handler;
  for (const [, alert] of [...state.entries()]) {
    if (LAPSING.has(alert.rule) && nowUs - alert.updated_at >= afterMs * 1000) {
      clear(alert, handler);
    }
  }
}
