import { type LedgerWriter, outgoingRecord, type TableView } from '@cerberus/bus';
import type { HostContext } from '@cerberus/runtime';
import type { Alert, Codecs } from '@cerberus/schema';
import { alertKey, type Condition, raise, resolve } from './alert-life.ts';

/** Alerts about the platform: one writer, open alerts restored from the topic itself. */
export class AlertDesk {
  readonly #host: HostContext;
  readonly #codecs: Codecs;
  readonly #writer: LedgerWriter;
  readonly #cooldownUs: number;
  readonly #open = new Map<string, Alert>();

  constructor(options: {
    readonly host: HostContext;
    readonly codecs: Codecs;
    readonly writer: LedgerWriter;
    readonly cooldownUs: number;
  }) {
    this.#host = options.host;
    this.#codecs = options.codecs;
    this.#writer = options.writer;
    this.#cooldownUs = options.cooldownUs;
  }

  restore(alerts: TableView<'alert'>): void {
    for (const alert of alerts.values()) {
      if (alert.state !== 'RESOLVED') this.#open.set(alertKey(alert), alert);
    }
  }

  raise(condition: Condition): void {
    const key = alertKey(condition);
    const now = this.#host.clock.nowUs();
    const { alert, tell } = raise(this.#open.get(key), condition, {
      now,
      cooldownUs: this.#cooldownUs,
    });
    this.#open.set(key, alert);
    if (tell) this.#write(alert);
  }

  resolve(about: Pick<Condition, 'rule' | 'subject'>): void {
    const key = alertKey(about);
    const alert = resolve(this.#open.get(key), this.#host.clock.nowUs());
    if (alert === undefined) return;
    this.#open.delete(key);
    this.#write(alert);
  }

  #write(alert: Alert): void {
    const record = outgoingRecord(this.#codecs, { topic: 'alert', value: alert });
    this.#host.supervisor.watch('alert writer', this.#writer.append([record]));
  }
}
