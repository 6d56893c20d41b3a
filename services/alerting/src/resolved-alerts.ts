import { partitionOf } from '@cerberus/bus';
import type { EpochUs } from '@cerberus/core';
import type { Alert } from '@cerberus/schema';

/** Alerts that are over, the first to go first, until their deletion has been read back. */
export class ResolvedAlerts {
  readonly #keepUs: number;
  readonly #shares: readonly Map<string, EpochUs>[];

  constructor(options: { readonly partitions: number; readonly keepMs: number }) {
    this.#keepUs = options.keepMs * 1000;
    this.#shares = Array.from({ length: options.partitions }, () => new Map<string, EpochUs>());
  }

  /** What the table of alerts now says of an id. */
  note(alertId: string, alert: Alert | undefined): void {
    const share = this.#shares[partitionOf(alertId, this.#shares.length)]!;
    share.delete(alertId);
    if (alert?.state === 'RESOLVED') share.set(alertId, alert.updated_at);
  }

  /** Ids of a partition whose time is over, at most so many. */
  due(partition: number, nowUs: EpochUs, most: number): string[] {
    const ids: string[] = [];
    for (const [alertId, resolvedUs] of this.#shares[partition] ?? []) {
      if (ids.length >= most || nowUs - resolvedUs < this.#keepUs) break;
      ids.push(alertId);
    }
    return ids;
  }
}
