import type { Clock, TimerHandle } from '@cerberus/core';
import {
  type GaugeMetric,
  type Logger,
  type Metrics,
  messageOf,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import { storeFailure } from '../sql-failure.ts';
import { type SeriesDefinition, tablesOf } from './definition.ts';
import type { Partitions } from './partitions.ts';
import type { RollUps } from './roll-ups.ts';

/** Partitions are made so far ahead that a day without upkeep is no trouble. */
const AHEAD_CHUNKS = 1;
const PARTITIONS_EVERY_MS = 600_000;
/** Runs that may fail in a row before readiness says so: roll-ups are late, rows are not lost. */
const FAILURES_MOST = 3;

export interface UpkeepOptions {
  readonly series: readonly SeriesDefinition[];
  readonly partitions: Partitions;
  readonly rollUps: RollUps;
  readonly everyMs: number;
  /** Real time, for the timer. */
  readonly clock: Clock;
  /** The time of the rows, for what is ahead and what is too old. */
  readonly nowUs: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What TimescaleDB would do by its jobs: roll-ups, partitions ahead of time, retention. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #due: GaugeMetric;
  readonly #partitionsNow: GaugeMetric;
  #timer: TimerHandle | undefined;
  #running: Promise<void> | undefined;
  #partitionsAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failure = '';
  #isStopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#due = options.metrics.gauge('series_roll_up_due', 'Buckets waiting to be rolled up', [
      'series',
    ]);
    this.#partitionsNow = options.metrics.gauge(
      'series_partitions',
      'Partitions of a table, the empty ones ahead included',
      ['table'],
    );
  }

  /** The first run comes with the timer: rows make the partitions they need, and a start is busy enough. */
  start(): void {
    this.#timer = this.#options.clock.every(this.#options.everyMs, () => void this.run());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  ready(): Readiness {
    return this.#failures < FAILURES_MOST ? READY : notReady(`upkeep fails: ${this.#failure}`);
  }

  /** A run that begins after this call, so that it sees what was written before. */
  async runAnew(): Promise<void> {
    await this.#running;
    await this.run();
  }

  /** One at a time; a call while one runs waits for that. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (const series of this.#options.series) {
        if (this.#isStopped) return;
        if (series.rollUps.length > 0) await this.#rollUp(series);
      }
      await this.#turnPartitions();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#failure = messageOf(storeFailure(error));
      if (this.#failures === FAILURES_MOST) {
        this.#options.log.warn(`upkeep of the series fails: ${this.#failure}`);
      }
    }
  }

  async #rollUp(series: SeriesDefinition): Promise<void> {
    await this.#options.rollUps.run(series);
    this.#due.set(await this.#options.rollUps.due(series), { series: series.name });
  }

  /** After the roll-ups: what is dropped has been rolled up. */
  async #turnPartitions(): Promise<void> {
    const { clock, series, nowUs, partitions, rollUps, log } = this.#options;
    const startedMs = clock.monotonicMs();
    if (startedMs < this.#partitionsAtMs + PARTITIONS_EVERY_MS) return;
    for (const each of series) {
      const isRolledUp = each.rollUps.length === 0 || (await rollUps.due(each)) === 0;
      for (const table of tablesOf(each)) {
        if (this.#isStopped) return;
        await partitions.cover(table, [nowUs(), nowUs() + AHEAD_CHUNKS * table.chunkUs]);
        if (table.keepUs !== undefined && isRolledUp) {
          const dropped = await partitions.dropBefore(table, nowUs() - table.keepUs);
          if (dropped.length > 0) log.info({ dropped }, `${table.name}: retention`);
        }
        this.#partitionsNow.set((await partitions.list(table)).length, { table: table.name });
      }
    }
    this.#partitionsAtMs = startedMs;
  }
}
