import { isTerminal } from '@cerberus/orders';
import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { OPEN_ORDERS_MAX, UNSENT_ORDERS_MAX } from '../gate-account.ts';
import { broken, type CheckOutcome, kept } from '../outcome.ts';
import type { Subject } from '../subject.ts';

const NAME = 'order_state';

/** A new order has a new id and room beside the open ones; a change is of an order at work. */
export const orderState: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate: (subject) => (subject.order.kind === 'NEW' ? newOrder(subject) : change(subject)),
};

function newOrder({ account, order }: Subject): CheckOutcome {
  if (account?.order(order.order_id) !== undefined) {
    return broken({ check: NAME, error: LIMITS_ERRORS.ORDER_ID_USED, message: order.order_id });
  }
  const open = account?.openOrderCount ?? 0;
  if (open >= OPEN_ORDERS_MAX) {
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.OPEN_ORDERS,
      message: `account ${order.account_id} has ${open} open orders`,
      value: open,
      limit: OPEN_ORDERS_MAX,
      unit: 'orders',
    });
  }
  const unsent = account?.unsentOrderCount ?? 0;
  if (unsent >= UNSENT_ORDERS_MAX) {
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.UNSENT_ORDERS,
      message: `${unsent} approved orders of account ${order.account_id} wait to be sent`,
      value: unsent,
      limit: UNSENT_ORDERS_MAX,
      unit: 'orders',
    });
  }
  return kept(NAME, 'the order is new');
}

function change({ order, changed }: Subject): CheckOutcome {
  const { order_id: id } = order;
  if (changed === undefined) {
    return broken({ check: NAME, error: LIMITS_ERRORS.ORDER_UNKNOWN, message: id });
  }
  if (changed.status !== null && isTerminal(changed.status)) {
    const message = `${id} is ${changed.status}`;
    return broken({ check: NAME, error: LIMITS_ERRORS.ORDER_DONE, message });
  }
  if (changed.instrumentId !== order.instrument_id || changed.side !== order.side) {
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.ORDER_MISMATCH,
      message: `${id} is a ${changed.side} of ${changed.instrumentId}`,
    });
  }
  if (order.quantity <= changed.filledQuantity) {
    return broken({
      check: NAME,
      error: LIMITS_ERRORS.QUANTITY_INVALID,
      message: 'no more than what is filled; cancel the rest instead',
    });
  }
  return kept(NAME, 'the order is at work');
}
