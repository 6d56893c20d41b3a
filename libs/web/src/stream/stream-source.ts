import type { TSchema } from 'typebox';

/** Body of one message; `seq` and `timestamp` are the channel's. */
export interface StreamUpdate {
  readonly type: string;
  readonly data: unknown;
  /** Further members beside `data`, such as the severity of an alert. */
  readonly members?: Readonly<Record<string, unknown>>;
}

export interface StreamFeed {
  /** The whole state as the updates so far made it. */
  snapshot(): unknown;
  /**
   * Updates since the last call, each subject at its newest. Called at the channel's pace; a feed of
   * single events publishes them itself and gives none.
   */
  drain(): readonly StreamUpdate[];
  close(): void;
}

/** Something to subscribe to. `Selection` is what the subscriber chose, already validated. */
export interface StreamSource<Selection extends object = object> {
  readonly name: string;
  /**
   * `conflate`: only the newest state matters; a slow reader skips to a snapshot.
   * `every`: each event matters; a slow reader is told and closed, and comes back with `last_seq`.
   */
  readonly delivery: 'conflate' | 'every';
  /** Schema of the subscription besides `throttle` and `last_seq`. */
  readonly selection: TSchema;
  /** Equal texts share one channel and so one sequence. */
  channelKey(selection: Selection): string;
  open(selection: Selection, publish: (update: StreamUpdate) => void): StreamFeed;
}
