import type { Clock } from '@cerberus/core';
import { type CaptureLine, CaptureReader, FrameCounts, FrameParser } from '@cerberus/venues';
import type { MarketTarget } from './market-source.ts';
import { showBook, showLevels, showTrade } from './shown-levels.ts';

/**
 * 1 = as recorded, N = N times as fast, 'max' = as fast as the machine goes, 'clock' = each line when
 * the clock shows its time: in step with whatever moves the clock of a replay.
 */
export type ReplaySpeed = number | 'max' | 'clock';

export interface ReplayOptions {
  readonly file: string;
  readonly target: MarketTarget;
  readonly speed: ReplaySpeed;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** At full speed the event loop gets its turn after this many lines. */
const LINES_PER_TURN = 500;
/** Sleeps below this are saved up: a timer is not more exact. */
const SLEEP_MS_MIN = 2;
/** Nobody says when a clock that stands will move on. */
const CLOCK_POLL_MS = 10;

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
    const pace = paceOf(speed, clock);
    let lines = 0;
    const reader = new CaptureReader(file);
    for await (const line of reader) {
      lines += 1;
      for (let waitMs = pace(line); waitMs > SLEEP_MS_MIN; waitMs = pace(line)) {
        if (signal.aborted) return;
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
      if (signal.aborted) return;
      if (lines % LINES_PER_TURN === 0) await clock.sleep(0).catch(() => undefined);
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
        showBook(target, event, timeMs);
        break;
      case 'depth':
        showLevels(target, event, timeMs);
        break;
      case 'trade':
        showTrade(target, event, timeMs);
        break;
      default:
        break;
    }
  }
}

/** How long a line must still wait, in real milliseconds. */
function paceOf(speed: ReplaySpeed, clock: Clock): (line: CaptureLine) => number {
  if (speed === 'max') return () => 0;
  if (speed === 'clock') {
    return ({ localTimeNs }) => (Number(localTimeNs / 1000n) > clock.nowUs() ? CLOCK_POLL_MS : 0);
  }
  const startMs = clock.monotonicMs();
  let firstNs: bigint | undefined;
  return ({ localTimeNs }) => {
    firstNs ??= localTimeNs;
    return startMs + Number(localTimeNs - firstNs) / 1e6 / speed - clock.monotonicMs();
  };
}
