import type { Metrics } from '@cerberus/runtime';
import type { TopicPartition } from '../port.ts';

export interface ProcessorMetrics {
  handled(topic: string, records: number): void;
  deadLettered(topic: string, reason: string): void;
  committed(tookMs: number): void;
  restored(tookMs: number): void;
  lag(at: TopicPartition, records: number): void;
}

export function processorMetrics(metrics: Metrics): ProcessorMetrics {
  const records = metrics.counter('bus_records_handled_total', 'Records handled and committed', [
    'topic',
  ]);
  const letters = metrics.counter('bus_dead_letters_total', 'Records set aside', [
    'topic',
    'reason',
  ]);
  const commits = metrics.histogram('bus_commit_seconds', 'Transactional commit');
  const restores = metrics.histogram('bus_restore_seconds', 'Restoring a partition');
  const lag = metrics.consumerLag();
  return {
    lag: ({ topic, partition }, count) => lag.set(count, { topic, partition }),
    handled: (topic, count) => records.inc({ topic }, count),
    deadLettered: (topic, reason) => letters.inc({ topic, reason }),
    committed: (tookMs) => commits.observe(tookMs / 1000),
    restored: (tookMs) => restores.observe(tookMs / 1000),
  };
}
