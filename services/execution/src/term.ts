/** The time in which this process alone may send orders. */
export interface Term {
  /** Grows with every leader. */
  readonly token: number;
  /** How long the former leader had been silent when the term began, where that is known. */
  readonly formerSilentMs: number | undefined;
  /** Whether the lease still holds now; asked right before every send. */
  leading(): boolean;
  /** Aborted when the term ends, for whatever reason. */
  readonly signal: AbortSignal;
}
