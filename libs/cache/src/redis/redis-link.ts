import { CerberusError, type Clock, faultOf, type Rng, type TimerHandle } from '@cerberus/core';
import {
  type CounterMetric,
  type HistogramMetric,
  type Logger,
  type Metrics,
  messageOf,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import { type Redis, ReplyError } from 'ioredis';
import { CACHE_ERRORS } from '../errors.ts';
import { connectRedis } from './connect.ts';
import { answerWithin, Late } from './deadline.ts';
import type { RedisAddress } from './redis-address.ts';

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5000;
/** A connection that held for so long was a good one: the next loss is retried at once again. */
const STABLE_MS = 10_000;
/** Late answers in a row after which the server counts as lost. */
const LATE_MAX = 3;
/** Calls that may wait for their answers; more are refused, so that a stall holds no memory. */
const IN_FLIGHT_MAX = 10_000;
/** How long a refusal of the server is still told of. */
const REFUSAL_SHOWN_MS = 30_000;
/** Refusals that concern the connection, not the call: another one may fare better. */
const USELESS_CONNECTION = /^(READONLY|LOADING|NOAUTH|NOPERM|MASTERDOWN)\b/;

export interface RedisLinkOptions {
  readonly address: RedisAddress;
  /** Longest wait for one answer. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type State =
  | { readonly kind: 'up'; readonly client: Redis; readonly sinceMs: number }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'closed' };

type FailureReason = 'unreachable' | 'late' | 'refused' | 'overloaded';

/**
 * One connection to a server that may be lost at any time. While it is, calls are refused at once and
 * one attempt after another, with growing pauses, looks whether the server answers in time again.
 */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #failures: CounterMetric;
  readonly #durations: HistogramMetric;
  #state: State = { kind: 'down', reason: 'not connected yet' };
  #retry: TimerHandle | undefined;
  #attempts = 0;
  #inFlight = 0;
  #lateInRow = 0;
  #refusal: { readonly message: string; readonly untilMs: number } | undefined;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#failures = metrics.counter('cache_failures_total', 'Calls the cache did not answer', [
      'reason',
    ]);
    this.#durations = metrics.histogram('cache_call_seconds', 'Time to the answer of the cache', {
      labelNames: ['call'],
    });
    metrics.gaugeOf('cache_up', '1 while the cache server answers, else 0', () =>
      this.#state.kind === 'up' ? 1 : 0,
    );
  }

  /** Resolves after the first attempt, whatever came of it. */
  start(): Promise<void> {
    return this.#connect();
  }

  /** Asks the server; refused at once while it is lost, and no later than the deadline otherwise. */
  async ask<T>(call: string, send: (client: Redis) => Promise<T>): Promise<T> {
    const { clock, deadlineMs } = this.#options;
    const state = this.#state;
    if (state.kind === 'closed') throw unavailable('the cache is closed');
    if (state.kind === 'down') throw this.#failed('unreachable', state.reason);
    if (this.#inFlight >= IN_FLIGHT_MAX) {
      throw this.#failed('overloaded', `${IN_FLIGHT_MAX} calls wait for their answers`);
    }
    const askedMs = clock.monotonicMs();
    this.#inFlight += 1;
    // Counted until Redis answers or the connection ends, which may be after the caller has gone.
    const answer = send(state.client).finally(() => {
      this.#inFlight -= 1;
    });
    try {
      const value = await answerWithin(clock, deadlineMs, answer);
      this.#lateInRow = 0;
      this.#durations.observe((clock.monotonicMs() - askedMs) / 1000, { call });
      return value;
    } catch (error) {
      throw this.#judge(error, state.client);
    }
  }

  /** Never false but when closed: whoever uses a cache can do without. */
  ready(): Readiness {
    const state = this.#state;
    if (state.kind === 'closed') return notReady('closed');
    const { address, clock } = this.#options;
    if (state.kind === 'down') return degraded(`${address.text}: ${state.reason}`);
    const refusal = this.#refusal;
    if (refusal === undefined || refusal.untilMs < clock.monotonicMs()) return READY;
    return degraded(`${address.text} refuses: ${refusal.message}`);
  }

  close(): void {
    this.#retry?.cancel();
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'up') state.client.disconnect();
  }

  async #connect(): Promise<void> {
    const { address, clock, log } = this.#options;
    try {
      const client = await connectRedis(this.#options);
      // Closed while it was connecting.
      if (this.#state.kind === 'closed') return client.disconnect();
      client.on('close', () => this.#lose(client, 'the connection was closed'));
      if (client.status !== 'ready') throw new Error('the connection was closed');
      this.#state = { kind: 'up', client, sinceMs: clock.monotonicMs() };
      this.#lateInRow = 0;
      this.#refusal = undefined;
      log.info(`the cache is at ${address.text}`);
    } catch (error) {
      this.#goDown(messageOf(error));
    }
  }

  #lose(client: Redis, reason: string): void {
    const state = this.#state;
    if (state.kind !== 'up' || state.client !== client) return;
    if (this.#options.clock.monotonicMs() - state.sinceMs >= STABLE_MS) this.#attempts = 0;
    this.#goDown(reason);
    client.disconnect();
  }

  #goDown(reason: string): void {
    const before = this.#state;
    if (before.kind === 'closed') return;
    const { address, clock, rng, log } = this.#options;
    this.#state = { kind: 'down', reason };
    if (before.kind === 'up' || before.reason !== reason) {
      log.warn(`the cache at ${address.text} is not used: ${reason}; it is looked for`);
    }
    const longestMs = Math.min(RETRY_FIRST_MS * 2 ** this.#attempts, RETRY_MAX_MS);
    this.#attempts += 1;
    // Spread, so that the processes that lost one server do not come back all at once.
    this.#retry = clock.after(longestMs * (0.5 + rng.nextDouble() / 2), () => void this.#connect());
  }

  #judge(error: unknown, client: Redis): CerberusError {
    const message = messageOf(error);
    if (this.#state.kind === 'closed') return unavailable('the cache is closed');
    if (error instanceof Late) {
      this.#lateInRow += 1;
      if (this.#lateInRow >= LATE_MAX) this.#lose(client, `${LATE_MAX} times ${message}`);
      return this.#failed('late', message);
    }
    if (!(error instanceof ReplyError)) return this.#failed('unreachable', message);
    if (USELESS_CONNECTION.test(message)) this.#lose(client, message);
    const untilMs = this.#options.clock.monotonicMs() + REFUSAL_SHOWN_MS;
    this.#refusal = { message, untilMs };
    return this.#failed('refused', message);
  }

  #failed(reason: FailureReason, message: string): CerberusError {
    this.#failures.inc({ reason });
    return unavailable(`the cache at ${this.#options.address.text} did not answer: ${message}`);
  }
}

function degraded(why: string): Readiness {
  return { ready: true, detail: `degraded, working without a cache: ${why}` };
}

function unavailable(message: string): CerberusError {
  return new CerberusError(faultOf(CACHE_ERRORS.UNAVAILABLE, { message }));
}
