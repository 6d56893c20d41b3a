import { LatestQuotes, reached } from '@cerberus/cache';
import type { GatewayContext } from '../ports.ts';
import type { QuoteBoard } from './quote-board.ts';

/**
 * Fills the board with the last prices before this process began, each as old as it is, so that it
 * shows something before the next tick. For looking at only: nothing that judges an order reads the
 * board, and a cache that does not answer leaves it empty.
 */
export async function seedQuotes(
  board: QuoteBoard,
  instrumentIds: readonly string[],
  { cache, clock, log }: Pick<GatewayContext, 'cache' | 'clock' | 'log'>,
): Promise<void> {
  if (cache === undefined) return;
  const quotes = await reached(new LatestQuotes(cache).read(instrumentIds));
  if (!quotes.isReached) {
    log.warn(`no prices before the first ticks: ${quotes.reason}`);
    return;
  }
  for (const quote of quotes.value) {
    // Clocks of machines differ: nothing is younger than new.
    board.seed(quote, Math.max(0, clock.nowUs() - quote.receive_time) / 1000);
  }
}
