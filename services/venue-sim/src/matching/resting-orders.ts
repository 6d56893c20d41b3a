import { type EngineOrder, remainingUnits, type Side } from './engine-order.ts';

/** Client orders of one side in price-time priority. Few at any time, so a sorted array serves. */
export class RestingOrders {
  readonly #sign: 1 | -1;
  readonly #orders: EngineOrder[] = [];

  constructor(side: Side) {
    this.#sign = side === 'BUY' ? 1 : -1;
  }

  get best(): EngineOrder | undefined {
    return this.#orders[0];
  }

  get size(): number {
    return this.#orders.length;
  }

  /** Behind every order at the same price. */
  add(order: EngineOrder): void {
    const key = this.#key(order);
    let low = 0;
    let high = this.#orders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#key(this.#orders[middle] as EngineOrder) >= key) low = middle + 1;
      else high = middle;
    }
    this.#orders.splice(low, 0, order);
  }

  remove(order: EngineOrder): boolean {
    const index = this.#orders.indexOf(order);
    if (index < 0) return false;
    this.#orders.splice(index, 1);
    return true;
  }

  *atPrice(ticks: number): Generator<EngineOrder> {
    for (const order of [...this.#orders]) if (order.limitTicks === ticks) yield order;
  }

  unitsAtPrice(ticks: number): number {
    let units = 0;
    for (const order of this.#orders)
      if (order.limitTicks === ticks) units += remainingUnits(order);
    return units;
  }

  /** Price levels from the best outwards as [ticks, units]. */
  levels(): [number, number][] {
    const levels: [number, number][] = [];
    for (const order of this.#orders) {
      const ticks = order.limitTicks as number;
      const last = levels.at(-1);
      if (last !== undefined && last[0] === ticks) last[1] += remainingUnits(order);
      else levels.push([ticks, remainingUnits(order)]);
    }
    return levels;
  }

  #key(order: EngineOrder): number {
    return (order.limitTicks as number) * this.#sign;
  }
}
