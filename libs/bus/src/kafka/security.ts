import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';

/** How brokers and this process know each other; plain text and nobody where both are absent. */
export interface KafkaSecurity {
  /** PEM texts; without `ca` the authorities that come with Node.js. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly login?: KafkaLogin;
}

export interface KafkaLogin {
  readonly mechanism: 'SCRAM-SHA-512' | 'SCRAM-SHA-256' | 'PLAIN';
  readonly username: string;
  /** Asked for by each connection that is opened: it may have been changed meanwhile. */
  password(): string;
}

export interface ClientSecurity {
  readonly ssl?: ConnectionOptions;
  readonly sasl?: SASLOptions;
}

const MECHANISMS = {
  'SCRAM-SHA-512': 'scram-sha-512',
  'SCRAM-SHA-256': 'scram-sha-256',
  PLAIN: 'plain',
} as const;

/** The same in the words of kafkajs, for its clients and for its bare connections. */
export function clientSecurity({ tls, login }: KafkaSecurity = {}): ClientSecurity {
  return {
    // Said outright, because a variable of the environment can turn the check off for all of Node.js.
    ...(tls && { ssl: { ...tls, rejectUnauthorized: true, minVersion: 'TLSv1.2' } }),
    ...(login && {
      sasl: {
        mechanism: MECHANISMS[login.mechanism],
        username: login.username,
        get password() {
          return login.password();
        },
      } as SASLOptions,
    }),
  };
}
