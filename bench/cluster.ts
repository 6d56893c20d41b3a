import { runTopics, type Topic } from './runner.ts';

/** Every service as a process of its own over Kafka, ZooKeeper, PostgreSQL and Redis of this machine. */
const TOPICS: Readonly<Record<string, Topic>> = {
  orders: () => import('./cluster/orders.ts'),
  quotes: () => import('./cluster/quotes.ts'),
};

await runTopics(TOPICS, {
  file: import.meta.filename,
  usage: 'npm run -s bench:cluster [-- <topic> …]',
});
