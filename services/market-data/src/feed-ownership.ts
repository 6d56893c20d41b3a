import { type Bus, PartitionOwner } from '@cerberus/bus';
import type { TimerHandle } from '@cerberus/core';
import type { HostContext, Readiness } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { endOfLog } from './log-end.ts';
import type { Publishing } from './market-publisher.ts';

/** The instances of this service share the instruments among them. */
const OWNERS_GROUP = 'market-data-owners';
/** A venue that does not answer is to be told of, by whoever is there. */
const JOIN_AFTER_MS = 5000;
const JOIN_CHECK_MS = 50;
/** A recording has one player: whoever holds this partition. */
const PLAYER_PARTITION = 0;

export interface FeedOwnershipOptions {
  readonly host: HostContext;
  readonly bus: Bus;
  readonly codecs: Codecs;
  /** A recording is played and published whole by one instance. */
  readonly replay: boolean;
}

/** Which instruments this instance publishes. */
export class FeedOwnership implements Publishing {
  readonly #options: FeedOwnershipOptions;
  readonly #owner: PartitionOwner;
  #joining: TimerHandle | undefined;
  #joined: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: FeedOwnershipOptions) {
    this.#options = options;
    const { bus, host } = options;
    // Of the topics spread by instrument that with the fewest records.
    this.#owner = new PartitionOwner({
      ...{ bus, host, groupId: OWNERS_GROUP, topic: 'md.status' },
    });
  }

  owns(instrumentId: string): boolean {
    return this.#options.replay
      ? this.#owner.holds(PLAYER_PARTITION)
      : this.#owner.owns(instrumentId);
  }

  /** A recording is older than the log, and played from its start. */
  endOfLog(instruments: ReadonlySet<string>) {
    const { bus, codecs, replay } = this.#options;
    return replay ? Promise.resolve(new Map()) : endOfLog(bus, codecs, instruments);
  }

  ready(): Readiness {
    return this.#owner.ready();
  }

  /** Calls with the question whether an instrument has just come to this instance. */
  onTaken(listener: (isTaken: (instrumentId: string) => boolean) => void): void {
    this.#owner.onChange(({ gained }) => {
      if (gained.length === 0) return;
      const { replay } = this.#options;
      listener((id) =>
        replay ? gained.includes(PLAYER_PARTITION) : gained.includes(this.#owner.partitionOf(id)),
      );
    });
  }

  /** Joins when the feeds are in step: whoever joins takes instruments from those who are. */
  joinWhen(isLive: () => boolean): void {
    const { clock } = this.#options.host;
    const startedMs = clock.monotonicMs();
    const check = () => {
      if (!isLive() && clock.monotonicMs() - startedMs < JOIN_AFTER_MS) return;
      this.#joining?.cancel();
      this.#options.host.supervisor.watch('owner of feeds', this.join());
    };
    if (!this.#isStopped) this.#joining = clock.every(JOIN_CHECK_MS, check);
  }

  join(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#joined ??= this.#owner.start();
    return this.#joined;
  }

  /** Resolves when this instance is the one that plays. */
  async player(): Promise<void> {
    await this.join();
    if (this.owns('')) return;
    this.#options.host.log.info('another instance plays the recording: waiting for it to end');
    await new Promise<void>((resolve) => {
      this.onTaken((isTaken) => {
        if (isTaken('')) resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#joining?.cancel();
    await this.#joined;
    await this.#owner.stop();
  }
}
