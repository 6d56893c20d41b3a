import { createHmac } from 'node:crypto';
import type { Batch, Bus, IncomingRecord, Subscription } from '@cerberus/bus';
import { formatEpochUs } from '@cerberus/core';
import type { HostContext, Readiness } from '@cerberus/runtime';
import { type Alert, Codecs } from '@cerberus/schema';

export interface WebhookOptions {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly host: HostContext;
  readonly url: string;
  /** Signs the body: `x-cerberus-signature: sha256=<hex>`. */
  readonly secret: string;
  readonly timeoutMs: number;
  /** What waited longer for a receiver that was away is passed over, and counted. */
  readonly maxAgeMs: number;
}

type Outcome = 'delivered' | 'refused' | 'failed' | 'stale';

const GROUP = 'alerting-webhook';
const ATTEMPTS_MAX = 5;
/** With the time-out of a request shorter than what a rebalance waits for a batch in hand. */
const [RETRY_FIRST_MS, RETRY_MAX_MS] = [500, 4000];

/** The alert stays where it is in the topic and comes again, here or where its partition goes. */
class NotDelivered extends Error {}

/**
 * Delivers alerts to one webhook, each tried a bounded number of times. The instances share the
 * partitions of the topic, and how far each has been delivered is kept with it: none is delivered by
 * two instances, or lost with one. Its states come in order.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #deliveries;
  readonly #attempts = new Map<string, number>();
  readonly #stopped = new AbortController();
  #subscription: Subscription | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#deliveries = options.host.metrics.counter(
      'alert_deliveries_total',
      'Webhook deliveries',
      ['outcome'],
    );
  }

  async start(): Promise<void> {
    this.#subscription = await this.#options.bus.subscribeGroup({
      groupId: GROUP,
      topics: ['alert'],
      commit: 'timer',
      // One at a time, so that what was delivered is not delivered again with what was not.
      batchRecords: 1,
      onAssigned: () => undefined,
      onRevoked: () => this.#attempts.clear(),
      eachBatch: (batch) => this.#deliver(batch),
    });
  }

  ready(): Readiness {
    return this.#subscription?.ready() ?? { ready: false, detail: 'not started' };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#subscription?.stop();
  }

  async #deliver({ records }: Batch): Promise<void> {
    for (const record of records) {
      const alert = await this.#decode(record);
      if (alert === undefined) continue;
      const place = `${record.partition}@${record.offset}`;
      const outcome = await this.#attempt(alert, place);
      this.#attempts.delete(place);
      this.#deliveries.inc({ outcome });
      this.#options.host.log.info({ alert_id: alert.alert_id, outcome }, 'alert webhook');
    }
  }

  /** What cannot be read is a dead letter of those who keep the table. */
  async #decode({ value }: IncomingRecord): Promise<Alert | undefined> {
    if (value === null) return undefined;
    const { codecs } = this.#options;
    const id = Codecs.schemaId(value);
    if (id === undefined || !(await codecs.learn('alert', id))) return undefined;
    const decoded = codecs.decode('alert', value);
    return decoded.ok ? decoded.value : undefined;
  }

  async #attempt(alert: Alert, place: string): Promise<Outcome> {
    const { host, maxAgeMs } = this.#options;
    if (host.clock.nowUs() - alert.updated_at > maxAgeMs * 1000) return 'stale';
    const attempt = (this.#attempts.get(place) ?? 0) + 1;
    this.#attempts.set(place, attempt);
    const found = await this.#post(alert);
    if (this.#stopped.signal.aborted && typeof found !== 'number')
      throw new NotDelivered('stopping');
    if (typeof found !== 'number') host.log.warn({ err: found, attempt }, 'no word of the webhook');
    else if (found < 300) return 'delivered';
    else if (found < 500 && found !== 429) return 'refused';
    if (attempt >= ATTEMPTS_MAX) return 'failed';
    const pauseMs = Math.min(RETRY_FIRST_MS * 2 ** attempt, RETRY_MAX_MS);
    await host.clock.sleep(pauseMs, this.#stopped.signal).catch(() => undefined);
    throw new NotDelivered(`alert ${alert.alert_id} was not taken: attempt ${attempt}`);
  }

  /** The status of the answer, or why there was none. */
  async #post(alert: Alert): Promise<unknown> {
    const { url, secret, timeoutMs } = this.#options;
    const body = JSON.stringify({
      ...alert,
      severity: alert.severity.toLowerCase(),
      state: alert.state.toLowerCase(),
      raised_at: formatEpochUs(alert.raised_at),
      updated_at: formatEpochUs(alert.updated_at),
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-cerberus-signature': `sha256=${signature}`,
          // The receiver drops what it has seen: an attempt that timed out may have arrived.
          'idempotency-key': `${alert.alert_id}:${alert.state}:${alert.updated_at}`,
        },
        body,
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stopped.signal]),
      });
      await response.body?.cancel();
      return response.status;
    } catch (error) {
      return error;
    }
  }
}
