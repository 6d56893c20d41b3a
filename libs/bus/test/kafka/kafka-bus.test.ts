import { createKafkaTopics, KafkaBus } from '@cerberus/bus';
import { SystemClock, SystemRng, UuidV7Source } from '@cerberus/runtime';
import { busContract } from '@cerberus/testkit';
import { describe, test } from '@jest/globals';
import { BROKER, brokerConnection } from './test-broker.ts';

if (BROKER === undefined) {
  describe('bus contract: Kafka', () => {
    test.skip('needs a broker: CERBERUS_TEST_KAFKA=host:port', () => undefined);
  });
} else {
  busContract('Kafka', async (topics) => {
    const clock = new SystemClock();
    const ids = new UuidV7Source(clock, new SystemRng());
    const connection = { ...brokerConnection(), clientId: 'contract', clock };
    await createKafkaTopics({ connection, topics, replicas: 1 });
    return {
      async open() {
        // Longer than the default: a machine busy with all the tests may miss heartbeats for so long.
        const bus = new KafkaBus({ ...connection, topics, ids, sessionTimeoutMs: 6000 });
        await bus.start();
        return bus;
      },
      close: () => Promise.resolve(),
    };
  });
}
