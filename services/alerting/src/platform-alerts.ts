import type { HandlerContext } from '@cerberus/bus';
import type { EpochUs } from '@cerberus/core';
import type { Alert } from '@cerberus/schema';
import { alertKey, raise } from './alert-life.ts';
import type { AlertingConfig } from './config.ts';
import { clear, lapse } from './order-alerts.ts';
import type { ResolvedAlerts } from './resolved-alerts.ts';
import type { Verdict, VerdictLog } from './verdict.ts';

type Handler = HandlerContext<Alert>;

/** What a task remembers between ticks; made anew, and everything looked at again, after a restore. */
interface Pass {
  isFirst: boolean;
  /** News within the cooldown of what was told before. */
  readonly pending: Map<string, Verdict>;
  nextUpkeepUs: number;
}

const UPKEEP_MS = 5000;
/** Deletions in one commit. */
const TOMBSTONES_MAX = 200;

export interface PlatformAlertsOptions {
  readonly verdicts: VerdictLog;
  readonly resolved: ResolvedAlerts;
  readonly config: AlertingConfig;
  /** Brings the verdicts up to date with what is only known by the passing of time. */
  readonly refresh: () => void;
}

/**
 * The rules about the platform, told in the ticks of the partition that a subject belongs to: the
 * alert, and that it is open, commit together and only in the task that holds the partition.
 */
export class PlatformAlerts {
  readonly #options: PlatformAlertsOptions;

  constructor(options: PlatformAlertsOptions) {
    this.#options = options;
  }

  tick(handler: Handler): void {
    const { verdicts, refresh } = this.#options;
    refresh();
    const pass = handler.memory<Pass>(() => ({
      ...{ isFirst: true, pending: new Map<string, Verdict>(), nextUpkeepUs: 0 },
    }));
    const { partition } = handler;
    const found = pass.isFirst ? verdicts.all(partition) : verdicts.take(partition);
    if (pass.isFirst) this.#endForgotten(handler);
    pass.isFirst = false;
    for (const verdict of [...pass.pending.values(), ...found]) this.#apply(verdict, handler, pass);
    if (handler.nowUs >= pass.nextUpkeepUs) this.#upkeep(handler, pass);
  }

  #apply(verdict: Verdict, handler: Handler, { pending }: Pass): void {
    const { condition, asOf, untilUs } = verdict;
    const key = alertKey(verdict);
    pending.delete(key);
    if (condition === undefined) {
      clear(verdict, handler);
      return;
    }
    const now: EpochUs = handler.nowUs;
    if (untilUs !== undefined && now >= untilUs) return;
    const open = handler.state.get(key);
    if (asOf !== undefined && open?.data['as_of'] === asOf) return;
    const cooldownUs = this.#options.config.cooldownMs * 1000;
    const { alert, tell } = raise(open, condition, { now, cooldownUs });
    if (tell) {
      handler.state.put(key, alert);
      handler.emit('alert', alert);
    } else if (asOf !== undefined) pending.set(key, verdict);
  }

  /** Letters that were put back, or grew old, while nobody looked leave no verdict behind. */
  #endForgotten(handler: Handler): void {
    for (const [key, alert] of [...handler.state.entries()]) {
      if (alert.rule === 'dead_letter' && !this.#options.verdicts.knows(key)) clear(alert, handler);
    }
  }

  #upkeep(handler: Handler, pass: Pass): void {
    const { config, resolved } = this.#options;
    const periodMs = Math.min(UPKEEP_MS, config.resolveAfterMs, config.keepResolvedMs);
    pass.nextUpkeepUs = handler.nowUs + periodMs * 1000;
    lapse(handler, config.resolveAfterMs);
    for (const alertId of resolved.due(handler.partition, handler.nowUs, TOMBSTONES_MAX)) {
      handler.emitTombstone('alert', { key: alertId, partitionKey: alertId });
    }
  }
}
