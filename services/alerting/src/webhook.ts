import { createHmac } from 'node:crypto';
import { formatEpochUs } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Alert } from '@cerberus/schema';

export interface WebhookOptions {
  readonly url: string;
  /** Signs the body: `x-cerberus-signature: sha256=<hex>`. */
  readonly secret: string;
  readonly timeoutMs: number;
}

const ATTEMPTS_MAX = 5;
const RETRY_FIRST_MS = 500;
/** Alerts waiting for a slow receiver; beyond it the oldest is dropped and counted. */
const WAITING_MAX = 1000;

/** Delivers alerts to one webhook, in order, each tried a bounded number of times. */
export class Webhook {
  readonly #host: HostContext;
  readonly #options: WebhookOptions;
  readonly #deliveries;
  readonly #waiting: Alert[] = [];
  #running: Promise<void> | undefined;

  constructor(host: HostContext, options: WebhookOptions) {
    this.#host = host;
    this.#options = options;
    this.#deliveries = host.metrics.counter('alert_deliveries_total', 'Webhook deliveries', [
      'outcome',
    ]);
  }

  deliver(alert: Alert): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting.shift();
      this.#deliveries.inc({ outcome: 'dropped' });
    }
    this.#waiting.push(alert);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let alert = this.#waiting.shift(); alert; alert = this.#waiting.shift()) {
      const outcome = await this.#attempt(alert);
      this.#deliveries.inc({ outcome });
      this.#host.log.info({ alert_id: alert.alert_id, outcome }, 'alert webhook');
    }
  }

  async #attempt(alert: Alert): Promise<'delivered' | 'refused' | 'failed'> {
    const { clock, log, signal } = this.#host;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !signal.aborted; attempt += 1) {
      try {
        const status = await this.#post(alert);
        if (status < 300) return 'delivered';
        if (status < 500 && status !== 429) return 'refused';
        log.warn({ status, attempt }, 'the webhook did not take an alert');
      } catch (error) {
        log.warn({ err: error, attempt }, 'the webhook could not be reached');
      }
      await clock.sleep(RETRY_FIRST_MS * 2 ** attempt, signal).catch(() => undefined);
    }
    return 'failed';
  }

  async #post(alert: Alert): Promise<number> {
    const { url, secret, timeoutMs } = this.#options;
    const body = JSON.stringify({
      ...alert,
      severity: alert.severity.toLowerCase(),
      state: alert.state.toLowerCase(),
      raised_at: formatEpochUs(alert.raised_at),
      updated_at: formatEpochUs(alert.updated_at),
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-cerberus-signature': `sha256=${signature}`,
        // The receiver drops what it has seen: an attempt that timed out may have arrived.
        'idempotency-key': `${alert.alert_id}:${alert.state}:${alert.count}`,
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  }
}
