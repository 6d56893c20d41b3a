import { createKafkaTopics } from '@cerberus/bus';
import { SystemClock } from '@cerberus/runtime';
import { TOPICS } from '@cerberus/schema';
import type { Settings } from './settings.ts';

/** Makes the platform's topics, and those of dead letters, where they are missing. */
export async function createTopics({ ports, brokers }: Settings): Promise<boolean> {
  const made = await createKafkaTopics({
    connection: {
      brokers: Array.from({ length: brokers }, (_, n) => `127.0.0.1:${ports.kafka + n}`),
      clientId: 'cerberus-infra',
      clock: new SystemClock(),
    },
    topics: Object.values(TOPICS),
    replicas: brokers,
  });
  console.log(made.length === 0 ? 'all topics are there' : `${made.length} topics made`);
  return true;
}
