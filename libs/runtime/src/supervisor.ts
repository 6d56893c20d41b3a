import { InvariantViolation } from '@cerberus/core';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Where a crash happened; for a record, which one. */
export interface CrashSite {
  readonly component: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: bigint;
}

export type Verdict =
  | { readonly action: 'dead-letter'; readonly reason: 'handler_error'; readonly message: string }
  | { readonly action: 'stop' };

/**
 * The one place where a crash becomes a dead letter or a stop. A broken invariant means that state
 * may be wrong: the process dies at once, without drain, and what restarts it restores from the last
 * commit. Anything else that a handler throws is the record's fault: it is set aside and the
 * partition goes on.
 */
export interface Supervisor {
  /** Judges what a handler threw on one record. When the verdict is `stop`, stopping has begun. */
  judge(error: unknown, site: CrashSite): Verdict;
  /** Stops the process because of an error that no record explains. */
  stop(error: unknown, site: CrashSite): void;
  /** A background task that must not end in an error: if it does, the process stops. */
  watch(component: string, task: Promise<unknown>): void;
}

export interface SupervisorOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Ends the process; called once. */
  readonly onStop: (error: unknown, site: CrashSite) => void;
}

export function createSupervisor({ log, metrics, onStop }: SupervisorOptions): Supervisor {
  const crashes = metrics.counter(
    'handler_crashes_total',
    'Handler crashes by what became of them',
    ['component', 'action'],
  );
  let stopping = false;

  const stop = (error: unknown, site: CrashSite): void => {
    crashes.inc({ component: site.component, action: 'stop' });
    log.fatal(
      { err: error, ...printable(site) },
      `${site.component} cannot go on: ${messageOf(error)}`,
    );
    if (stopping) return;
    stopping = true;
    onStop(error, site);
  };

  return {
    judge(error, site) {
      if (error instanceof InvariantViolation) {
        stop(error, site);
        return { action: 'stop' };
      }
      crashes.inc({ component: site.component, action: 'dead-letter' });
      log.error(
        { err: error, ...printable(site) },
        `${site.component} set a record aside: ${messageOf(error)}`,
      );
      return { action: 'dead-letter', reason: 'handler_error', message: messageOf(error) };
    },
    stop,
    watch(component, task) {
      task.catch((error: unknown) => stop(error, { component }));
    },
  };
}

function printable(site: CrashSite): Record<string, unknown> {
  return site.offset === undefined ? { ...site } : { ...site, offset: site.offset.toString() };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
