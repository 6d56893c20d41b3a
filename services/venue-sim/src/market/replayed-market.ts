import type { Clock } from '@cerberus/core';
import { type CaptureLine, CaptureReader, FrameCounts, FrameParser } from '@cerberus/venues';
import type { Side } from '../matching/engine-order.ts';
import type { MarketTarget } from './market-source.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly target: MarketTarget;
  /** 1 = as recorded, N = N times as fast, 'max' = as fast as the machine goes. */
  readonly speed: number | 'max';
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** At full speed the event loop gets its turn after this many lines. */
const LINES_PER_TURN = 500;
/** Sleeps below this are saved up: a timer is not more exact. */
const SLEEP_MS_MIN = 2;

/** Plays a capture into one symbol: depth sets the market's levels, trades are prints. */
export class ReplayedMarket {
  readonly counts = new FrameCounts();
  readonly #options: ReplayOptions;
  #ended = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  get ended(): boolean {
    return this.#ended;
  }

  async run(): Promise<void> {
    const { target, file, speed, clock, signal } = this.#options;
    const parser = new FrameParser({
      market: target.spec.market,
      gridOf: (symbol) => (symbol === target.spec.symbol ? target.spec.grid : undefined),
      unknownSymbol: 'ignore',
    });
    const startMs = clock.monotonicMs();
    let firstNs: bigint | undefined;
    let lines = 0;
    const reader = new CaptureReader(file);
    for await (const line of reader) {
      if (signal.aborted) return;
      firstNs ??= line.localTimeNs;
      lines += 1;
      if (speed !== 'max') {
        const dueMs = startMs + Number(line.localTimeNs - firstNs) / 1e6 / speed;
        const waitMs = dueMs - clock.monotonicMs();
        if (waitMs > SLEEP_MS_MIN) await clock.sleep(waitMs, signal).catch(() => undefined);
      } else if (lines % LINES_PER_TURN === 0) await clock.sleep(0).catch(() => undefined);
      this.#apply(parser, line);
    }
    this.#ended = true;
  }

  #apply(parser: FrameParser, line: CaptureLine): void {
    const { target, clock } = this.#options;
    const event = parser.parse(line.text, target.spec.symbol);
    this.counts.count(event);
    const timeMs = Math.floor(clock.nowUs() / 1000);
    switch (event.kind) {
      case 'snapshot':
        this.#clear('BUY');
        this.#clear('SELL');
        this.#levels(event.bids, event.asks, timeMs);
        break;
      case 'depth':
        this.#levels(event.bids, event.asks, timeMs);
        break;
      case 'trade': {
        const print = {
          takerSide: event.aggressor === 'buy' ? ('BUY' as const) : ('SELL' as const),
          priceTicks: event.priceTicks,
          units: event.quantityUnits,
        };
        target.onTape(print, target.engine.onPrint(print), timeMs);
        break;
      }
      default:
        break;
    }
  }

  #clear(side: Side): void {
    const { engine } = this.#options.target;
    const levels = engine.marketSide(side);
    const present = levels.top(levels.size);
    for (let i = 0; i < present.length; i += 2) {
      engine.setMarketLevel(side, present[i] as number, 0);
    }
  }

  #levels(bids: readonly number[], asks: readonly number[], timeMs: number): void {
    const { target } = this.#options;
    for (let i = 0; i < bids.length; i += 2) {
      target.engine.setMarketLevel('BUY', bids[i] as number, bids[i + 1] as number);
    }
    for (let i = 0; i < asks.length; i += 2) {
      target.engine.setMarketLevel('SELL', asks[i] as number, asks[i + 1] as number);
    }
    target.onExecutions(target.engine.settle(), timeMs);
    target.onBookChanged(timeMs);
  }
}
