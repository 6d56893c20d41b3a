import type { TopicSpec } from '@cerberus/bus';

const LEDGER = {
  class: 'ledger',
  partitions: 1,
  cleanup: 'delete',
  retentionHours: 24,
  conflate: false,
} as const;

export const TOPICS: readonly TopicSpec[] = [
  { ...LEDGER, name: 'in' },
  { ...LEDGER, name: 'out' },
  { ...LEDGER, name: 'state', cleanup: 'compact', retentionHours: 0 },
];
