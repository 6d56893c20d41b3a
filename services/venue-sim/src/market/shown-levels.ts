import type { TradeEvent } from '@cerberus/venues';
import type { Side } from '../matching/engine-order.ts';
import type { MarketTarget } from './market-source.ts';

type Levels = readonly number[];

/** Sets levels of the market's own book, flat pairs of ticks and units, and fills what they reach. */
export function showLevels(
  target: MarketTarget,
  levels: { readonly bids: Levels; readonly asks: Levels },
  timeMs: number,
): void {
  setSide(target, 'BUY', levels.bids);
  setSide(target, 'SELL', levels.asks);
  target.onExecutions(target.engine.settle(), timeMs);
  target.onBookChanged(timeMs);
}

/** The same for a whole book: what it does not name is gone. */
export function showBook(
  target: MarketTarget,
  levels: { readonly bids: Levels; readonly asks: Levels },
  timeMs: number,
): void {
  clearSide(target, 'BUY');
  clearSide(target, 'SELL');
  showLevels(target, levels, timeMs);
}

/** A trade between others: client orders that were due a share of it get it. */
export function showTrade(target: MarketTarget, trade: TradeEvent, timeMs: number): void {
  const print = {
    takerSide: trade.aggressor === 'buy' ? ('BUY' as const) : ('SELL' as const),
    priceTicks: trade.priceTicks,
    units: trade.quantityUnits,
  };
  target.onTape(print, target.engine.onPrint(print), timeMs);
}

function setSide({ engine }: MarketTarget, side: Side, levels: Levels): void {
  for (let i = 0; i < levels.length; i += 2) {
    engine.setMarketLevel(side, levels[i] as number, levels[i + 1] as number);
  }
}

function clearSide({ engine }: MarketTarget, side: Side): void {
  const levels = engine.marketSide(side);
  const present = levels.top(levels.size);
  for (let i = 0; i < present.length; i += 2) {
    engine.setMarketLevel(side, present[i] as number, 0);
  }
}
