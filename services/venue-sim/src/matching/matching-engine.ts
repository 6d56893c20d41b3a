import { invariant } from '@cerberus/core';
import { BookSide } from '@cerberus/venues';
import {
  type EngineOrder,
  type Execution,
  type Placement,
  remainingUnits,
  type Side,
} from './engine-order.ts';
import { RestingOrders } from './resting-orders.ts';

interface Queue {
  readonly market: BookSide;
  readonly clients: RestingOrders;
}

/**
 * Price-time matching of client orders with each other and with a market that is given from outside
 * as displayed levels and trade prints. Pure and exact: ticks and units are integers.
 *
 * At one price the market's displayed quantity that was there first is ahead of a client order; it
 * shrinks with trades, and with cancellations only where the level becomes smaller than the queue
 * (so a cancellation is never assumed to have been ahead of us).
 */
export class MatchingEngine {
  readonly #bids: Queue = { market: new BookSide('bid'), clients: new RestingOrders('BUY') };
  readonly #asks: Queue = { market: new BookSide('ask'), clients: new RestingOrders('SELL') };
  readonly #changed: Record<Side, Set<number>> = { BUY: new Set(), SELL: new Set() };

  place(order: EngineOrder): Placement {
    invariant(order.units > 0 && order.filledUnits === 0, 'a new order has an unfilled quantity');
    const takes = this.fillableUnits(order.side, order.limitTicks, order.units);
    if (order.lifetime === 'POST' && takes > 0) return { result: 'would-take' };
    if (order.lifetime === 'FOK' && takes < order.units) return { result: 'unfillable' };
    const executions = this.#take(order.side, order.limitTicks, order.units, order);
    const rests =
      remainingUnits(order) > 0 && (order.lifetime === 'GTC' || order.lifetime === 'POST');
    if (rests) this.rest(order);
    return { result: 'done', executions, resting: rests };
  }

  /** Puts an order into the book without matching: also used to restore one after a restart. */
  rest(order: EngineOrder): void {
    const ticks = order.limitTicks;
    invariant(ticks !== undefined, 'a resting order has a limit');
    const queue = this.#own(order.side);
    order.queueAheadUnits = queue.market.unitsAtPrice(ticks);
    queue.clients.add(order);
    this.#changed[order.side].add(ticks);
  }

  /** False where the order is not in the book. */
  cancel(order: EngineOrder): boolean {
    const removed = this.#own(order.side).clients.remove(order);
    if (removed) this.#changed[order.side].add(order.limitTicks as number);
    return removed;
  }

  /** How much an order could take now, up to `unitsMax`. */
  fillableUnits(side: Side, limitTicks: number | undefined, unitsMax: number): number {
    let units = 0;
    for (const [ticks, levelUnits] of this.levels(side === 'BUY' ? 'SELL' : 'BUY')) {
      if (units >= unitsMax || !reaches(side, limitTicks, ticks)) break;
      units += levelUnits;
    }
    return Math.min(units, unitsMax);
  }

  /** Displayed levels of one side, market and clients together, from the best outwards. */
  *levels(side: Side): Generator<[number, number]> {
    const { market, clients } = this.#own(side);
    const clientLevels = clients.levels();
    let depth = 0;
    let next = 0;
    for (;;) {
      const marketTicks = market.ticksAt(depth);
      const client = clientLevels[next];
      if (marketTicks === undefined && client === undefined) return;
      const clientTicks = client?.[0];
      if (clientTicks === marketTicks) {
        yield [marketTicks as number, (market.unitsAt(depth) as number) + (client?.[1] ?? 0)];
        depth += 1;
        next += 1;
      } else if (
        marketTicks !== undefined &&
        (clientTicks === undefined || isBetter(side, marketTicks, clientTicks))
      ) {
        yield [marketTicks, market.unitsAt(depth) as number];
        depth += 1;
      } else {
        yield client as [number, number];
        next += 1;
      }
    }
  }

  bestTicks(side: Side): number | undefined {
    const { market, clients } = this.#own(side);
    const marketTicks = market.ticksAt(0);
    const clientTicks = clients.best?.limitTicks;
    if (marketTicks === undefined) return clientTicks;
    if (clientTicks === undefined) return marketTicks;
    return isBetter(side, marketTicks, clientTicks) ? marketTicks : clientTicks;
  }

  displayedUnits(side: Side, ticks: number): number {
    const { market, clients } = this.#own(side);
    return market.unitsAtPrice(ticks) + clients.unitsAtPrice(ticks);
  }

  /** The market's own part of a level. */
  marketUnits(side: Side, ticks: number): number {
    return this.#own(side).market.unitsAtPrice(ticks);
  }

  marketSide(side: Side): BookSide {
    return this.#own(side).market;
  }

  /** The market shows this quantity at this price from now on; call `settle` after a group of these. */
  setMarketLevel(side: Side, ticks: number, units: number): void {
    const { market, clients } = this.#own(side);
    market.set(ticks, units);
    for (const order of clients.atPrice(ticks)) {
      order.queueAheadUnits = Math.min(order.queueAheadUnits, units);
    }
    this.#changed[side].add(ticks);
  }

  /** Client orders that the market's levels have moved onto are filled, at their own prices. */
  settle(): Execution[] {
    const executions: Execution[] = [];
    for (;;) {
      const bid = this.bestTicks('BUY');
      const ask = this.bestTicks('SELL');
      if (bid === undefined || ask === undefined || bid < ask) return executions;
      const clientBid = this.#bids.clients.best;
      const clientAsk = this.#asks.clients.best;
      if (clientBid !== undefined && clientBid.limitTicks === bid) {
        executions.push(...this.#sweep('SELL', ask, clientBid));
      } else if (clientAsk !== undefined && clientAsk.limitTicks === ask) {
        executions.push(...this.#sweep('BUY', bid, clientAsk));
      } else {
        // A crossed market by itself: the older side gives way.
        this.setMarketLevel('BUY', bid, 0);
      }
    }
  }

  /** A trade between others, seen on the tape. Client orders that were due a share get it. */
  onPrint(print: { takerSide: Side; priceTicks: number; units: number }): Execution[] {
    const makerSide: Side = print.takerSide === 'BUY' ? 'SELL' : 'BUY';
    const { clients } = this.#own(makerSide);
    const executions: Execution[] = [];
    let left = print.units;
    for (;;) {
      const maker = clients.best;
      if (maker === undefined || left <= 0) return executions;
      const ticks = maker.limitTicks as number;
      if (isBetter(makerSide, print.priceTicks, ticks)) return executions;
      if (ticks === print.priceTicks && maker.queueAheadUnits > 0) {
        const ahead = Math.min(left, maker.queueAheadUnits);
        for (const order of clients.atPrice(ticks)) {
          order.queueAheadUnits = Math.max(0, order.queueAheadUnits - ahead);
        }
        left -= ahead;
        continue;
      }
      const units = Math.min(left, remainingUnits(maker));
      executions.push(this.#fill({ takerSide: print.takerSide, ticks, units }, undefined, maker));
      left -= units;
    }
  }

  /** An order of the market that takes from the displayed book, clients included. */
  takeAsMarket(takerSide: Side, units: number, limitTicks: number | undefined): Execution[] {
    return this.#take(takerSide, limitTicks, units, undefined);
  }

  /** Prices whose displayed quantity may have changed since the last call. */
  drainChanged(side: Side): number[] {
    const changed = [...this.#changed[side]];
    this.#changed[side].clear();
    return changed;
  }

  #own(side: Side): Queue {
    return side === 'BUY' ? this.#bids : this.#asks;
  }

  /** A market level at `ticks` that crossed `maker`: it takes as much as both have. */
  #sweep(takerSide: Side, ticks: number, maker: EngineOrder): Execution[] {
    const available = this.marketUnits(takerSide, ticks);
    if (available === 0) {
      // Two client orders cannot cross: each was matched when it came.
      this.setMarketLevel(takerSide, ticks, 0);
      invariant(false, 'only market levels cross resting orders');
    }
    const units = Math.min(available, remainingUnits(maker));
    this.setMarketLevel(takerSide, ticks, available - units);
    return [this.#fill({ takerSide, ticks: maker.limitTicks as number, units }, undefined, maker)];
  }

  #take(
    takerSide: Side,
    limitTicks: number | undefined,
    unitsMax: number,
    taker: EngineOrder | undefined,
  ): Execution[] {
    const makerSide: Side = takerSide === 'BUY' ? 'SELL' : 'BUY';
    const executions: Execution[] = [];
    let left = unitsMax;
    while (left > 0) {
      const ticks = this.bestTicks(makerSide);
      if (ticks === undefined || !reaches(takerSide, limitTicks, ticks)) break;
      const execution = this.#takeFirst({ takerSide, ticks, units: left }, taker);
      executions.push(execution);
      left -= execution.units;
    }
    return executions;
  }

  /** One execution with whoever is first at the best price. */
  #takeFirst(
    want: { readonly takerSide: Side; readonly ticks: number; readonly units: number },
    taker: EngineOrder | undefined,
  ): Execution {
    const makerSide: Side = want.takerSide === 'BUY' ? 'SELL' : 'BUY';
    const { market, clients } = this.#own(makerSide);
    const displayed = market.unitsAtPrice(want.ticks);
    const best = clients.best;
    const maker = best !== undefined && best.limitTicks === want.ticks ? best : undefined;
    const ahead = maker === undefined ? displayed : Math.min(maker.queueAheadUnits, displayed);
    if (maker !== undefined && ahead === 0) {
      return this.#fill(
        { ...want, units: Math.min(want.units, remainingUnits(maker)) },
        taker,
        maker,
      );
    }
    const units = Math.min(want.units, ahead);
    invariant(units > 0, 'the best price has a quantity');
    for (const order of clients.atPrice(want.ticks))
      order.queueAheadUnits -= Math.min(order.queueAheadUnits, units);
    market.set(want.ticks, displayed - units);
    return this.#fill({ ...want, units }, taker, undefined);
  }

  #fill(
    what: { readonly takerSide: Side; readonly ticks: number; readonly units: number },
    taker: EngineOrder | undefined,
    maker: EngineOrder | undefined,
  ): Execution {
    const makerSide: Side = what.takerSide === 'BUY' ? 'SELL' : 'BUY';
    this.#changed[makerSide].add(what.ticks);
    if (taker !== undefined) {
      taker.filledUnits += what.units;
      invariant(taker.filledUnits <= taker.units, 'an order is never overfilled');
    }
    if (maker !== undefined) {
      maker.filledUnits += what.units;
      invariant(maker.filledUnits <= maker.units, 'an order is never overfilled');
      if (remainingUnits(maker) === 0) this.#own(makerSide).clients.remove(maker);
    }
    return { priceTicks: what.ticks, units: what.units, takerSide: what.takerSide, taker, maker };
  }
}

function isBetter(side: Side, ticks: number, than: number): boolean {
  return side === 'BUY' ? ticks > than : ticks < than;
}

function reaches(takerSide: Side, limitTicks: number | undefined, ticks: number): boolean {
  if (limitTicks === undefined) return true;
  return takerSide === 'BUY' ? ticks <= limitTicks : ticks >= limitTicks;
}
