import { createStore } from '../connection/store.ts';
import { type Fill, type Order, ordersOf, type StreamMessage } from '../contract.ts';

export interface OrderState {
  /** Newest first. */
  orders: Order[];
  fills: Fill[];
}

/** What the screen keeps; older ones are on the gateway. */
const MAX_ORDERS = 300;
const MAX_FILLS = 300;

export function createOrderStore() {
  const store = createStore<OrderState>({ orders: [], fills: [] });
  return {
    ...store,
    receive(message: StreamMessage) {
      const { orders, fills } = ordersOf(message);
      store.update((state) => ({
        orders: orders.length === 0 ? state.orders : mergeOrders(state.orders, orders),
        fills: fills.length === 0 ? state.fills : mergeFills(state.fills, fills),
      }));
    },
    /** Older records read by REST: the stream's word about an order stands over them. */
    addHistory(history: { orders?: Order[]; fills?: Fill[] }) {
      store.update((state) => ({
        orders: mergeOrders(history.orders ?? [], state.orders),
        fills: mergeFills(history.fills ?? [], state.fills),
      }));
    },
  };
}

function mergeOrders(known: Order[], newer: Order[]): Order[] {
  const byId = new Map(known.map((order) => [order.order_id, order]));
  for (const order of newer) byId.set(order.order_id, order);
  return [...byId.values()]
    .sort((a, b) => b.created_at.localeCompare(a.created_at))
    .slice(0, MAX_ORDERS);
}

function mergeFills(known: Fill[], newer: Fill[]): Fill[] {
  const byId = new Map(known.map((fill) => [fill.fill_id, fill]));
  for (const fill of newer) byId.set(fill.fill_id, fill);
  return [...byId.values()]
    .sort((a, b) => b.executed_at.localeCompare(a.executed_at))
    .slice(0, MAX_FILLS);
}
