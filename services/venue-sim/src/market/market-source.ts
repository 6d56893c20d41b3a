import type { Execution } from '../matching/engine-order.ts';
import type { MatchingEngine } from '../matching/matching-engine.ts';
import type { SymbolSpec } from './symbol-spec.ts';

/** What a market source drives: one symbol of the exchange. */
export interface MarketTarget {
  readonly spec: SymbolSpec;
  readonly engine: MatchingEngine;
  /** Executions that the market caused: client fills to book, trades to publish. */
  onExecutions(executions: readonly Execution[], timeMs: number): void;
  /** A trade between others, with the client fills that it caused. */
  onTape(
    print: {
      readonly takerSide: 'BUY' | 'SELL';
      readonly priceTicks: number;
      readonly units: number;
    },
    executions: readonly Execution[],
    timeMs: number,
  ): void;
  /** The book of this instant is complete: publish what changed. */
  onBookChanged(timeMs: number): void;
}
