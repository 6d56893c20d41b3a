import { runTopics, type Topic } from './runner.ts';

/** The platform's benchmarks: feeds, gate, log, Greeks, order path, memory. */
const TOPICS: Readonly<Record<string, Topic>> = {
  depth: () => import('./depth.ts'),
  limits: () => import('./limit-checks.ts'),
  log: () => import('./event-log.ts'),
  greeks: () => import('./greeks.ts'),
  'pre-trade-check': () => import('./pre-trade-check.ts'),
  'venue-sim': () => import('./venue-sim.ts'),
  orders: () => import('./order-latency.ts'),
  memory: () => import('./memory.ts'),
};

await runTopics(TOPICS, {
  file: import.meta.filename,
  usage: 'npm run -s bench [-- <topic> …]',
});
