import { join } from 'node:path';
import { type KafkaSecurity, readSecurity } from '@cerberus/bus';
import { Kafka, logLevel } from 'kafkajs';
import { clientSecurity } from '../../src/kafka/security.ts';

/** `host:port` of a broker to test against, e.g. of `npm run infra:up -- kafka`. */
export const BROKER = process.env['CERBERUS_TEST_KAFKA'];

/** Where `npm run infra:up -- --secure` left certificates and passwords; undefined for a broker in plain text. */
export const SECURITY_FOLDER = process.env['CERBERUS_TEST_KAFKA_SECURITY'];

/** Logged in as the administrator where the broker wants a name. */
export function brokerConnection() {
  const security = SECURITY_FOLDER === undefined ? {} : loginOf(SECURITY_FOLDER, 'cerberus-admin');
  return { brokers: [BROKER ?? ''], security };
}

/** The client as it comes, for what no bus does. */
export function bareClient(): Kafka {
  const { brokers, security } = brokerConnection();
  return new Kafka({ brokers, ...clientSecurity(security), logLevel: logLevel.NOTHING });
}

export function loginOf(folder: string, username: string, passwordOf = username): KafkaSecurity {
  return readSecurity({
    brokers: [BROKER ?? ''],
    tls: { enabled: true, caFile: join(folder, 'ca.pem') },
    sasl: {
      ...{ mechanism: 'SCRAM-SHA-512', username },
      passwordFile: join(folder, 'passwords', passwordOf),
    },
  });
}
