import type { EpochUs, TimerHandle } from '@cerberus/core';
import { unwrap } from '@cerberus/core';
import { type HostContext, TapeClock } from '@cerberus/runtime';
import type { CaptureLine } from '@cerberus/venues';
import type { MarketDataConfig } from '../config.ts';
import type { InstrumentFeed } from '../instrument-feed.ts';
import type { MarketPublisher } from '../market-publisher.ts';
import type { CaptureReport } from './capture-report.ts';
import { type CaptureSurvey, microseconds, surveyCapture } from './capture-survey.ts';
import { CaptureTrack } from './capture-track.ts';

/** What moves the tape and what hears of its end; the all-in-one gives its process clock. */
export interface Tape {
  readonly clock: TapeClock;
  /** Playing waits for this, so that nobody misses the first lines. */
  readonly begun: Promise<void>;
  /** First passes made already, in the order of the files. */
  readonly surveys?: readonly CaptureSurvey[];
  ended(report: CaptureReport): void;
}

export interface CaptureFeedOptions {
  readonly config: MarketDataConfig;
  readonly host: HostContext;
  readonly publisher: MarketPublisher;
  /** Where absent the tape plays at once, on a clock of its own. */
  readonly tape: Tape | undefined;
}

/** Lines after which readers get their turn: with it, no stream runs ahead of them by more. */
const LINES_PER_TURN = 200;
/** Waits below this are saved up: a timer is not more exact. */
const WAIT_MS_MIN = 2;
/** A wait is cut into pieces, so that a stop is heard. */
const WAIT_MS_MAX = 1000;
const CHECK_EVERY_MS = 250;
const BAR_GRACE_MS = 2000;

/** Plays captures as feeds: all files as one tape, ordered by local time of receipt. */
export class CaptureFeed {
  readonly name = 'replay';
  readonly #options: CaptureFeedOptions;
  readonly #tracks: readonly CaptureTrack[];
  readonly #tape: Tape;
  readonly #speed: number | 'max';
  #state: CaptureReport['state'] = 'waiting';
  #startedMs = 0;
  #endedMs: number | undefined;
  #firstUs: EpochUs | undefined;
  #playedUs: EpochUs | undefined;
  #watch: TimerHandle | undefined;

  private constructor(options: CaptureFeedOptions, tracks: readonly CaptureTrack[]) {
    this.#options = options;
    this.#tracks = tracks;
    const { speed } = options.config.replay;
    this.#speed = speed === 0 ? 'max' : speed;
    const [first] = tracks.map(({ survey }) => survey.firstTimeUs).sort((a, b) => a - b);
    this.#tape = options.tape ?? {
      clock: new TapeClock(first as EpochUs),
      begun: Promise.resolve(),
      ended: () => undefined,
    };
  }

  /** Looks through every file; a fault names the first that is no capture. */
  static async open(options: CaptureFeedOptions): Promise<CaptureFeed> {
    const { config, publisher, tape } = options;
    const tracks: CaptureTrack[] = [];
    for (const [index, file] of config.replay.files.entries()) {
      const survey = tape?.surveys?.[index] ?? unwrap(await surveyCapture(file));
      tracks.push(new CaptureTrack({ survey, config, publisher }));
    }
    return new CaptureFeed(options, tracks);
  }

  get feeds(): readonly InstrumentFeed[] {
    return this.#tracks.flatMap((track) => track.feeds);
  }

  /** Before the tape begins there is nothing to be live; it begins when everything is ready. */
  get live(): boolean {
    return this.#state !== 'playing' || this.#tracks.every((track) => track.live);
  }

  describe(): CaptureReport {
    const wallMs = (this.#endedMs ?? this.#now()) - this.#startedMs;
    const tapeUs = (this.#playedUs ?? 0) - (this.#firstUs ?? 0);
    return {
      state: this.#state,
      speed: this.#speed,
      tape_seconds: tapeUs / 1e6,
      wall_seconds: this.#state === 'waiting' ? 0 : wallMs / 1000,
      files: this.#tracks.map((track) => track.report(this.#state === 'ended')),
    };
  }

  async start(): Promise<void> {
    const { host } = this.#options;
    await Promise.race([this.#tape.begun, aborted(host.signal)]);
    if (host.signal.aborted) return;
    this.#state = 'playing';
    this.#startedMs = this.#now();
    this.#watch = host.clock.every(CHECK_EVERY_MS, () => this.#check());
    await this.#play();
    this.#endedMs = this.#now();
    for (const track of this.#tracks) await track.close();
    if (host.signal.aborted) {
      this.#state = 'stopped';
      return;
    }
    this.#end();
  }

  takeOver(feed: InstrumentFeed): void {
    feed.takeOver();
    this.publishStatus(feed);
  }

  stop(): void {
    this.#watch?.cancel();
  }

  publishStatus(feed: InstrumentFeed): void {
    this.#options.publisher.publish('md.status', feed.health.status(null));
  }

  async #play(): Promise<void> {
    const { host, publisher } = this.#options;
    const queue = new LineQueue(this.#tracks);
    await queue.open();
    let lines = 0;
    for (;;) {
      const head = queue.first();
      if (head === undefined) return;
      const dueUs = head.timeUs;
      this.#firstUs ??= dueUs;
      await this.#until(dueUs);
      if (host.signal.aborted) return;
      this.#tape.clock.advanceTo(dueUs);
      this.#playedUs = this.#tape.clock.nowUs();
      head.track.play(head.line);
      await queue.advance(head);
      lines += 1;
      if (lines % LINES_PER_TURN === 0) {
        await publisher.settled();
        await host.clock.sleep(0, host.signal).catch(() => undefined);
      }
    }
  }

  /** Waits for the line's time at the tape's speed; where lines are late, none is waited for. */
  async #until(dueUs: EpochUs): Promise<void> {
    const { host } = this.#options;
    if (this.#speed === 'max' || this.#firstUs === undefined) return;
    const dueMs = this.#startedMs + (dueUs - this.#firstUs) / 1000 / this.#speed;
    for (;;) {
      const waitMs = dueMs - this.#now();
      if (waitMs < WAIT_MS_MIN || host.signal.aborted) return;
      this.#tape.clock.flow({ rate: this.#speed, untilUs: dueUs });
      await host.clock.sleep(Math.min(waitMs, WAIT_MS_MAX), host.signal).catch(() => undefined);
    }
  }

  #end(): void {
    const { host } = this.#options;
    this.#state = 'ended';
    // Time goes on from where the recording ends, and what it quoted grows old.
    this.#tape.clock.flow({ rate: 1 });
    for (const feed of this.feeds) {
      feed.move('DOWN', 'the recording has ended', this.#tape.clock.nowUs());
      this.publishStatus(feed);
    }
    const report = this.describe();
    for (const file of report.files) {
      const { damage, truncated_tail, every_line_accounted } = file;
      const isWhole = damage === null && !truncated_tail && every_line_accounted;
      host.log[isWhole ? 'info' : 'warn']({ report: file }, 'capture ended');
    }
    this.#tape.ended(report);
  }

  #check(): void {
    const nowUs = this.#tape.clock.nowUs();
    for (const track of this.#tracks) {
      if (this.#state === 'playing') {
        const moved = track.check(nowUs, this.#options.config.staleAfterMs);
        for (const feed of moved) this.publishStatus(feed);
      }
      for (const feed of track.feeds) feed.closeBars(nowUs / 1000 - BAR_GRACE_MS);
    }
  }

  #now(): number {
    return this.#tape.clock.monotonicMs();
  }
}

interface Head {
  readonly track: CaptureTrack;
  readonly line: CaptureLine;
  readonly timeUs: EpochUs;
}

/** The next line over all files; lines of the same time come in the order of the files. */
class LineQueue {
  readonly #tracks: readonly CaptureTrack[];
  readonly #heads: (Head | undefined)[] = [];

  constructor(tracks: readonly CaptureTrack[]) {
    this.#tracks = tracks;
  }

  async open(): Promise<void> {
    for (const [index, track] of this.#tracks.entries()) await this.#pull(index, track);
  }

  first(): Head | undefined {
    let first: Head | undefined;
    for (const head of this.#heads) {
      if (head === undefined) continue;
      if (first === undefined || head.line.localTimeNs < first.line.localTimeNs) first = head;
    }
    return first;
  }

  async advance(head: Head): Promise<void> {
    await this.#pull(this.#tracks.indexOf(head.track), head.track);
  }

  async #pull(index: number, track: CaptureTrack): Promise<void> {
    const line = await track.next();
    this.#heads[index] =
      line === undefined ? undefined : { track, line, timeUs: microseconds(line.localTimeNs) };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
