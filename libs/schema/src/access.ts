/** What one service may do on the event log; everything else is denied where authorisation is on. */
export interface ServiceAccess {
  readonly service: string;
  /** Its name at the brokers. */
  readonly user: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Consumer groups, by their whole names. */
  readonly groups: readonly string[];
  /** What its transactional ids begin with; null where it has none. */
  readonly transactionalIds: string | null;
  /** What it does with dead letters: reads those of every topic, writes those of the topics that it reads. */
  readonly deadLetters: readonly ('read' | 'write')[];
}
