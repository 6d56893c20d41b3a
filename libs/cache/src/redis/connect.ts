import type { Clock } from '@cerberus/core';
import { type Logger, messageOf } from '@cerberus/runtime';
import { Redis } from 'ioredis';
import { answerWithin } from './deadline.ts';
import type { RedisAddress } from './redis-address.ts';

/** Longest time for the connection itself; what is asked over it has the deadline of a call. */
const CONNECT_MS = 1000;
/** A peer that says nothing must not keep a socket open for long after it was given up. */
const DISCONNECT_MS = 200;

export interface ConnectOptions {
  readonly address: RedisAddress;
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
}

/**
 * A connection over which the server has answered in time, or the reason why there is none. It is
 * given up for good when it breaks: reconnecting is the business of the link.
 */
export async function connectRedis(options: ConnectOptions): Promise<Redis> {
  const { address, deadlineMs, clock } = options;
  const client = new Redis({
    host: address.host,
    port: address.port,
    ...(address.isEncrypted ? { tls: { servername: address.host } } : {}),
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
  });
  let cause: unknown;
  client.on('error', (error: unknown) => {
    cause = error;
  });
  try {
    await answerWithin(clock, CONNECT_MS, client.connect());
    await logIn(client, options);
    // Refused while the server still loads its data, and late where the server is slow.
    await answerWithin(clock, deadlineMs, client.ping());
    return client;
  } catch (error) {
    client.disconnect();
    throw cause ?? error;
  }
}

async function logIn(client: Redis, options: ConnectOptions): Promise<void> {
  const { address, deadlineMs, clock, log } = options;
  const ask = (command: string, ...words: (string | number)[]) =>
    answerWithin(clock, deadlineMs, client.call(command, ...words));
  if (address.credentials.length > 0) {
    try {
      await ask('AUTH', ...address.credentials);
    } catch (error) {
      if (!messageOf(error).includes('without any password configured')) throw error;
      log.warn(`Redis at ${address.text} asks for no password: that of cache.url is not used`);
    }
  }
  if (address.database !== 0) await ask('SELECT', address.database);
}
