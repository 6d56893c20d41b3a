import type { Clock } from '@cerberus/core';
import { Kafka, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import { BUS_ERRORS, busError } from '../errors.ts';
import { repairClient } from './client-repairs.ts';
import { layersOf } from './refusals.ts';
import { clientSecurity, type KafkaSecurity } from './security.ts';

export interface KafkaConnection {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Plain text and no name where absent. */
  readonly security?: KafkaSecurity;
  readonly clock: Clock;
  /** What the client has to say, warnings and errors only. */
  onLog?(message: string, detail: Readonly<Record<string, unknown>>): void;
}

/** Short, many: a transaction that follows another waits for its markers, a few milliseconds. */
const TRANSACTIONAL_RETRY: RetryOptions = {
  initialRetryTime: 2,
  factor: 0,
  multiplier: 1.2,
  maxRetryTime: 200,
  retries: 120,
};
const PLAIN_RETRY: RetryOptions = {
  initialRetryTime: 50,
  factor: 0.2,
  multiplier: 1.5,
  maxRetryTime: 1000,
  retries: 8,
};
const CONNECTION_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Part of how Kafka works: said by the client at every rebalance and every retry. */
const USUAL =
  /rebalanc|CONCURRENT_TRANSACTIONS|concurrent|another ongoing transaction|Pausing|Resuming|member id|COORDINATOR_LOAD/i;

/** Makes clients; each reader and each transactional producer has one of its own. */
export class ClientFactory {
  readonly connection: KafkaConnection;

  constructor(connection: KafkaConnection) {
    this.connection = connection;
    const { clock } = connection;
    const nowMs = () => clock.nowUs() / 1000;
    const after = (delayMs: number, run: () => void) => clock.after(delayMs, run);
    repairClient({ nowMs, after }, TRANSACTIONAL_RETRY);
  }

  /** kafkajs keeps the offsets of a group per client: two members of one group must not share one. */
  plain(): Kafka {
    return this.#client(PLAIN_RETRY);
  }

  transactional(): Kafka {
    return this.#client(TRANSACTIONAL_RETRY);
  }

  #client(retry: RetryOptions): Kafka {
    const { brokers, clientId, security } = this.connection;
    const { ssl, sasl } = clientSecurity(security);
    return new Kafka({
      brokers: [...brokers],
      clientId,
      ...(ssl && { ssl }),
      ...(sasl && { sasl }),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry,
      logLevel: logLevel.WARN,
      logCreator: () => (entry) => this.#log(entry),
    });
  }

  #log({ namespace, log }: LogEntry): void {
    const { message, timestamp, logger, stack, ...detail } = log;
    if (USUAL.test(`${message} ${detail['error'] ?? ''}`)) return;
    this.connection.onLog?.(`kafka ${namespace}: ${message}`, detail);
  }
}

/** Kafka's name of what went wrong, looked for through the wrappings of the client. */
export function kafkaErrorTypes(error: unknown): string[] {
  return [...layersOf(error)].flatMap(({ type }) => (typeof type === 'string' ? [type] : []));
}

export interface TimeLimit {
  readonly clock: Pick<Clock, 'after'>;
  readonly limitMs: number;
  readonly what: string;
}

/** The client may try for longer than anybody waits: rejects when time is up. */
export function within<T>({ clock, limitMs, what }: TimeLimit, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => {
      const message = `${what} took longer than ${limitMs} ms`;
      reject(busError(BUS_ERRORS.BROKER_UNREACHABLE, { message }));
    });
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
