/** The time in which this process alone may send orders. */
export interface Term {
  /** Grows with every leader. */
  readonly token: number;
  /** Whether the lease still holds now; asked right before every send. */
  leading(): boolean;
  /** Aborted when the term ends, for whatever reason. */
  readonly signal: AbortSignal;
}
