export interface TopicDefinition {
  readonly name: string;
  /** Path below `proto/` of the record's schema. */
  readonly schema: string;
  /** `stream`: newest wins, may be conflated. `ledger`: exactly once in effect, never conflated. */
  readonly class: 'stream' | 'ledger';
  /** Fields that make the key, joined by `|`; null where the producing service chooses. */
  readonly key: readonly string[] | null;
  /** Field whose value picks the partition; null where the producing service chooses. */
  readonly partitionBy: string | null;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** 0 for compacted topics, which keep the newest value of every key. */
  readonly retentionHours: number;
  /** Whether a reader may skip to the newest value of a key. */
  readonly conflate: boolean;
  readonly description: string;
}
