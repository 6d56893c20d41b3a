import { createHash } from 'node:crypto';
import { type EpochUs, epochUs } from '@cerberus/core';
import {
  BINANCE_FUTURES_RULE,
  BINANCE_SPOT_RULE,
  type CaptureLine,
  CaptureReader,
  DepthSynchroniser,
  FrameCounts,
  type FrameEvent,
  FrameParser,
  type InstrumentGrid,
  type MarketDataEvent,
  type OrderBook,
  type SyncOutcome,
} from '@cerberus/venues';
import type { MarketDataConfig } from '../config.ts';
import { InstrumentFeed } from '../instrument-feed.ts';
import type { MarketPublisher } from '../market-publisher.ts';
import { instrumentOf } from '../venue-instruments.ts';
import { captureInstrument } from './capture-instrument.ts';
import type { CaptureBookReport, CaptureFileReport } from './capture-report.ts';
import { type CaptureSurvey, microseconds } from './capture-survey.ts';

interface TrackBook {
  readonly grid: InstrumentGrid;
  readonly feed: InstrumentFeed;
  readonly sync: DepthSynchroniser;
}

export interface CaptureTrackOptions {
  readonly survey: CaptureSurvey;
  readonly config: MarketDataConfig;
  readonly publisher: MarketPublisher;
}

/** One file of the tape: its lines in order, through the same parser, books and feeds as live. */
export class CaptureTrack {
  readonly survey: CaptureSurvey;
  readonly #counts = new FrameCounts();
  readonly #books = new Map<string, TrackBook>();
  readonly #parser: FrameParser;
  readonly #reader: CaptureReader;
  readonly #lines: AsyncIterator<CaptureLine>;
  readonly #only: string | undefined;
  #lastUs = 0;
  #outOfOrder = 0;

  constructor(options: CaptureTrackOptions) {
    const { survey, config, publisher } = options;
    this.survey = survey;
    for (const seen of survey.symbols) {
      const listed = captureInstrument(survey.market, seen);
      if (listed === undefined) continue;
      const feed = new InstrumentFeed({
        instrument: instrumentOf(listed, survey.firstTimeUs),
        grid: listed.grid,
        publisher,
        bookLevels: config.bookLevels,
        bookSnapshotUs: config.bookSnapshotMs * 1000,
        lateTradeBars: config.lateTradeBars,
        startedAt: survey.firstTimeUs,
      });
      const rule = survey.market === 'spot' ? BINANCE_SPOT_RULE : BINANCE_FUTURES_RULE;
      const sync = new DepthSynchroniser(listed.grid, rule);
      this.#books.set(seen.symbol, { grid: listed.grid, feed, sync });
    }
    this.#only = survey.symbols.length === 1 ? survey.symbols[0]?.symbol : undefined;
    this.#parser = new FrameParser({
      market: survey.market,
      gridOf: (symbol) => this.#books.get(symbol)?.grid,
    });
    this.#reader = new CaptureReader(survey.file);
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  get feeds(): InstrumentFeed[] {
    return [...this.#books.values()].map(({ feed }) => feed);
  }

  async next(): Promise<CaptureLine | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }

  play(line: CaptureLine): void {
    const receivedUs = microseconds(line.localTimeNs);
    if (receivedUs < this.#lastUs) this.#outOfOrder += 1;
    else this.#lastUs = receivedUs;
    const event = this.#parser.parse(line.text, this.#only);
    this.#counts.count(event);
    this.#onFrame(event, receivedUs);
  }

  /** Trust of every feed in tape time: in step, being joined, or silent for too long. */
  check(nowUs: EpochUs, staleAfterMs: number): InstrumentFeed[] {
    const moved: InstrumentFeed[] = [];
    for (const { feed, sync } of this.#books.values()) {
      const silentMs = feed.health.silentMs(nowUs / 1000);
      const [state, reason] = !sync.synced
        ? (['SYNCING', this.#joining()] as const)
        : silentMs > staleAfterMs
          ? (['STALE', `the recording is silent for ${Math.round(silentMs)} ms`] as const)
          : (['LIVE', 'in step with the recording'] as const);
      if (feed.move(state, reason, nowUs)) moved.push(feed);
    }
    return moved;
  }

  /** A recording without a snapshot has no book to wait for. */
  get live(): boolean {
    if (this.survey.snapshots === 0) return true;
    return [...this.#books.values()].every(({ sync }) => sync.synced);
  }

  report(isFinal: boolean): CaptureFileReport {
    const { lines, badLines, truncatedTail, streamError } = this.#reader.end;
    const { parsed, ignored, refused, total } = this.#counts;
    return {
      file: this.survey.file,
      market: this.survey.market,
      ...{ lines, parsed, ignored, refused },
      bad_lines: badLines,
      truncated_tail: truncatedTail,
      damage: streamError ?? null,
      out_of_order: this.#outOfOrder,
      every_line_accounted: lines === total.parsed + total.ignored + total.refused + badLines,
      first_time: this.survey.firstTimeUs,
      last_time: this.survey.lastTimeUs,
      books: [...this.#books.values()].map((book) => bookReport(book, isFinal)),
    };
  }

  #joining(): string {
    return this.survey.snapshots > 0
      ? 'the book is being joined'
      : 'the recording has no book snapshot: quotes and trades only';
  }

  #onFrame(event: FrameEvent, receivedUs: EpochUs): void {
    switch (event.kind) {
      case 'depth':
      case 'snapshot':
      case 'quote':
      case 'trade':
      case 'agg-trade':
      case 'bar':
      case 'mark':
        this.#onEvent(event, receivedUs);
        break;
      case 'batch':
        for (const element of event.events) this.#onFrame(element, receivedUs);
        break;
      case 'refused':
        for (const { feed } of this.#books.values()) {
          feed.health.refused += 1;
          const detail = `${event.code}: ${event.detail}`;
          flag(feed, { rule: 'refused_frame', detail }, receivedUs);
        }
        break;
      case 'ack':
      case 'error':
      case 'shutdown':
      case 'ignored':
        break;
    }
  }

  #onEvent(event: MarketDataEvent, receivedUs: EpochUs): void {
    const book = this.#books.get(event.symbol);
    if (book === undefined) return;
    const { feed, sync } = book;
    feed.health.event(receivedUs, receivedUs / 1000);
    feed.onEvent(event, receivedUs);
    if (event.kind === 'depth') {
      const outcome = sync.onDelta(event);
      this.#report(book, outcome, receivedUs);
      if (outcome.kind === 'applied') {
        feed.onBook({ symbol: event.symbol, sync, delta: event }, receivedUs);
      }
    } else if (event.kind === 'snapshot' && !sync.synced) {
      // As live: a snapshot is taken only where the book needs one.
      const outcome = sync.onSnapshot(event);
      this.#report(book, outcome, receivedUs);
      if (outcome.kind === 'synced') {
        feed.move('LIVE', 'in step with the recording', receivedUs);
        feed.onBook({ symbol: event.symbol, sync, delta: undefined }, receivedUs);
      }
    }
  }

  #report({ feed, sync }: TrackBook, outcome: SyncOutcome, receivedUs: EpochUs): void {
    const { health } = feed;
    switch (outcome.kind) {
      case 'gap':
        health.gaps += 1;
        health.resyncs += 1;
        flag(
          feed,
          { rule: 'gap', detail: `expected ${outcome.expected}, got ${outcome.received}` },
          receivedUs,
        );
        break;
      case 'crossed':
        health.gaps += 1;
        health.resyncs += 1;
        flag(feed, { rule: 'crossed', detail: 'best bid reached best ask' }, receivedUs);
        break;
      case 'duplicate':
        health.duplicates += 1;
        break;
      case 'stale-snapshot':
        flag(
          feed,
          { rule: 'stale_snapshot', detail: 'older than the oldest delta held' },
          receivedUs,
        );
        break;
      case 'buffered':
      case 'applied':
      case 'synced':
        break;
    }
    if (!sync.synced) feed.move('SYNCING', this.#joining(), receivedUs);
  }
}

function flag(
  feed: InstrumentFeed,
  found: { readonly rule: string; readonly detail: string },
  receivedUs: EpochUs,
): void {
  feed.anomaly({ ...found, action: 'flagged' }, epochUs(receivedUs), receivedUs);
}

function bookReport({ feed, sync, grid }: TrackBook, isFinal: boolean): CaptureBookReport {
  const { book, counts } = sync;
  const text = (ticks: number | undefined) =>
    ticks === undefined ? null : grid.price.fixedText(ticks);
  return {
    instrument_id: feed.instrument.instrument_id,
    state: feed.health.state,
    synced: sync.synced,
    last_update_id: sync.synced ? sync.lastUpdateId : null,
    best_bid: text(book.bestBid?.ticks),
    best_ask: text(book.bestAsk?.ticks),
    book_sha256: isFinal && sync.synced ? bookDigest(book) : null,
    bid_levels: book.bids.size,
    ask_levels: book.asks.size,
    deltas_applied: counts.applied,
    deltas_before_snapshot: counts.droppedAsOld,
    duplicates: counts.duplicates,
    gaps: counts.gaps,
    crossed: counts.crossed,
  };
}

function bookDigest({ bids, asks, grid }: OrderBook): string {
  const hash = createHash('sha256');
  for (const side of [bids, asks]) {
    const levels = side.top(side.size);
    for (let index = 0; index < levels.length; index += 2) {
      const price = grid.price.text(levels[index] as number);
      hash.update(`${price} ${grid.quantity.text(levels[index + 1] as number)}\n`);
    }
  }
  return hash.digest('hex');
}
