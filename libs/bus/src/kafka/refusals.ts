import { CerberusError } from '@cerberus/core';
import { BUS_ERRORS, busError } from '../errors.ts';
import type { KafkaConnection } from './client-factory.ts';

/** What somebody was about to do: names the right that is missing where Kafka refuses it. */
export interface Intention {
  readonly write?: Iterable<string>;
  readonly read?: Iterable<string>;
  readonly group?: string;
  readonly transactionalId?: string;
}

const RIGHTS: Readonly<Record<string, (intention: Intention) => string>> = {
  TOPIC_AUTHORIZATION_FAILED: ({ write, read }) => {
    const verbs = { write: names(write), read: names(read) };
    const parts = Object.entries(verbs).filter(([, topics]) => topics !== '');
    return parts.map(([verb, topics]) => `${verb} topic ${topics}`).join(' or ') || 'see a topic';
  },
  GROUP_AUTHORIZATION_FAILED: ({ group }) => `read as group ${group ?? '?'}`,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: ({ transactionalId }) =>
    `write as transactional id ${transactionalId ?? '?'}`,
  CLUSTER_AUTHORIZATION_FAILED: () => 'change the cluster',
};

const IN_WORDS = new Set<string>([
  BUS_ERRORS.NOT_AUTHORISED.code,
  BUS_ERRORS.LOGIN_REFUSED.code,
  BUS_ERRORS.TLS_FAILED.code,
]);
const AUTHENTICATION = 'KafkaJSSASLAuthenticationError';
/** Codes of OpenSSL and Node.js for a certificate that is not believed, or for no TLS at the other end. */
const TLS_CODES =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_SELF|SELF_SIGNED|ERR_TLS_|ERR_SSL_|ERR_OSSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** A refusal by the brokers for want of trust or of a right, in words; undefined for all else. */
export function refusalOf(
  error: unknown,
  { security, brokers }: Pick<KafkaConnection, 'security' | 'brokers'>,
  intention: Intention = {},
): CerberusError | undefined {
  if (error instanceof CerberusError && IN_WORDS.has(error.code)) return error;
  const where = brokers.join(', ');
  const user = security?.login?.username ?? 'this process';
  for (const { name, type, code, message } of layersOf(error)) {
    const right = typeof type === 'string' ? RIGHTS[type] : undefined;
    if (right !== undefined) {
      const denied = `${user} may not ${right(intention)}`;
      return busError(BUS_ERRORS.NOT_AUTHORISED, { message: denied }, error);
    }
    if (name === AUTHENTICATION) {
      return busError(BUS_ERRORS.LOGIN_REFUSED, { message: `${user} at ${where}` }, error);
    }
    if (typeof code === 'string' && TLS_CODES.test(code)) {
      return busError(BUS_ERRORS.TLS_FAILED, { message: `${where}: ${message} (${code})` }, error);
    }
  }
  return undefined;
}

interface Layer {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  readonly errors?: readonly unknown[];
}

const LAYERS_MAX = 20;

/** The error and what it wraps; the client wraps in several ways. */
export function* layersOf(error: unknown): Generator<Layer> {
  const open: unknown[] = [error];
  for (let seen = 0; open.length > 0 && seen < LAYERS_MAX; seen += 1) {
    const layer = (open.shift() ?? {}) as Layer;
    yield layer;
    const { cause, originalError, errors } = layer;
    open.push(...[cause, originalError, ...(errors ?? [])].filter((inner) => inner != null));
  }
}

function names(topics: Iterable<string> | undefined): string {
  return [...new Set(topics ?? [])].join(', ');
}
