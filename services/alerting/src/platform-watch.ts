import { type Bus, deadLetterTopic, type Follower, readDeadLetter, TableView } from '@cerberus/bus';
import type { EpochUs } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import { type Codecs, type RiskMetrics, TOPICS } from '@cerberus/schema';
import type { Condition } from './alert-life.ts';
import type { AlertingConfig } from './config.ts';
import { DeadLetterBook } from './dead-letter-book.ts';
import {
  feedCondition,
  killCondition,
  leaderVerdict,
  metricVerdicts,
  silentFeed,
} from './platform-rules.ts';
import type { VerdictLog } from './verdict.ts';

export interface PlatformWatchOptions {
  readonly port: { readonly bus: Bus; readonly codecs: Codecs; readonly host: HostContext };
  readonly config: AlertingConfig;
  readonly verdicts: VerdictLog;
}

const REFRESH_MS = 1000;

/** Feeds, leaders, kill switches, risk figures against limits and dead letters, judged in every instance. */
export class PlatformWatch {
  readonly #options: PlatformWatchOptions;
  readonly #statuses;
  readonly #leaders;
  readonly #kills;
  readonly #limits;
  readonly #metrics;
  readonly #letters: DeadLetterBook;
  #letterFollower: Follower | undefined;
  #nextRefreshMs = 0;

  constructor(options: PlatformWatchOptions) {
    this.#options = options;
    const { port, config } = options;
    this.#statuses = new TableView({ ...port, topic: 'md.status' });
    this.#leaders = new TableView({ ...port, topic: 'control.leader' });
    this.#kills = new TableView({ ...port, topic: 'control.kill' });
    this.#limits = new TableView({ ...port, topic: 'control.limit' });
    this.#metrics = new TableView({ ...port, topic: 'risk.metrics' });
    this.#letters = new DeadLetterBook(config.resolveAfterMs);
    this.#judgeTables();
  }

  /** Resolves when everything that was known at the start has been judged. */
  async start(): Promise<void> {
    const { bus, host } = this.#options.port;
    const parts = this.#tables();
    await Promise.all(parts.map((table) => table.start()));
    const follower = await bus.follow({
      topics: Object.keys(TOPICS).map(deadLetterTopic),
      from: 'beginning',
      onRecord: (record) => {
        const entry = readDeadLetter(record);
        if (entry !== undefined) this.#letters.add(entry, host.clock.nowUs());
      },
    });
    this.#letterFollower = follower;
    await Promise.all([follower.caughtUp, ...parts.map((table) => table.caughtUp)]);
  }

  async stop(): Promise<void> {
    await this.#letterFollower?.stop();
    for (const table of this.#tables()) await table.stop();
  }

  /** What only time tells: feeds that fell silent, letters that grew old; at most once a second. */
  refresh(): void {
    const { port, verdicts, config } = this.#options;
    const { clock } = port.host;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#nextRefreshMs) return;
    this.#nextRefreshMs = nowMs + Math.min(REFRESH_MS, config.resolveAfterMs);
    for (const verdict of this.#letters.verdicts(clock.nowUs())) verdicts.put(verdict);
    for (const [instrument] of this.#statuses.entries()) {
      const silentMs = this.#statuses.ageMs(instrument) ?? 0;
      if (silentMs <= config.statusSilenceMs) continue;
      this.#put({ rule: 'stale_feed', subject: instrument }, silentFeed(instrument, silentMs));
    }
  }

  #tables() {
    return [this.#statuses, this.#leaders, this.#kills, this.#limits, this.#metrics];
  }

  #judgeTables(): void {
    const { verdicts, config } = this.#options;
    this.#statuses.onChange((instrument, status) => {
      if (status?.state === 'CONNECTING') return;
      this.#put({ rule: 'stale_feed', subject: instrument }, status && feedCondition(status));
    });
    this.#leaders.onChange((_key, leader) => {
      if (leader === undefined) return;
      const untilUs = (leader.since + config.resolveAfterMs * 1000) as EpochUs;
      verdicts.put({ ...leaderVerdict(leader), untilUs });
    });
    this.#kills.onChange((_key, kill) => {
      if (kill === undefined) return;
      const subject = `${kill.scope} ${kill.scope_id}`;
      this.#put({ rule: 'kill_switch', subject }, killCondition(kill));
    });
    this.#metrics.onChange((_key, figures) => figures && this.#judgeFigures(figures));
    this.#limits.onChange(() => {
      for (const figures of this.#metrics.values()) this.#judgeFigures(figures);
    });
  }

  #judgeFigures(figures: RiskMetrics): void {
    const { config } = this.#options;
    const found = metricVerdicts(figures, this.#limits.values(), config.nearFraction);
    for (const { subject, condition } of found) {
      this.#put({ rule: 'risk_limit', subject }, condition);
    }
  }

  #put(about: Pick<Condition, 'rule' | 'subject'>, condition: Condition | undefined): void {
    this.#options.verdicts.put({ ...about, condition });
  }
}
