import type { EpochUs } from '@cerberus/core';
import type { Alert, AlertSeverity } from '@cerberus/schema';

/** Something that a rule found to be so. */
export interface Condition {
  readonly rule: string;
  readonly category: string;
  readonly severity: AlertSeverity;
  /** What it is about; at most one alert of a rule and subject is open. */
  readonly subject: string;
  readonly message: string;
  readonly data: Readonly<Record<string, string>>;
  readonly actions: readonly string[];
  /** How often it was so, where the rule itself counts. */
  readonly count?: number;
}

export function alertKey({ rule, subject }: Pick<Condition, 'rule' | 'subject'>): string {
  return `${rule}|${subject}`;
}

/**
 * The alert that tells of a condition: a new one, or the open one counted up. Repetitions inside the
 * cooldown are counted but not told, unless the condition became graver.
 */
export function raise(
  open: Alert | undefined,
  condition: Condition,
  { now, cooldownUs }: { readonly now: EpochUs; readonly cooldownUs: number },
): { readonly alert: Alert; readonly tell: boolean } {
  if (open === undefined || open.state === 'RESOLVED') {
    const alert: Alert = {
      ...condition,
      alert_id: `${condition.rule}:${condition.subject}:${now}`,
      state: 'RAISED',
      raised_at: now,
      updated_at: now,
      count: condition.count ?? 1,
    };
    return { alert, tell: true };
  }
  const graver = RANK[condition.severity] > RANK[open.severity];
  const tell = graver || now - open.updated_at >= cooldownUs;
  const alert: Alert = {
    ...open,
    ...condition,
    severity: graver ? condition.severity : open.severity,
    // Somebody who acknowledged a warning has not acknowledged what it grew into.
    state: graver ? 'RAISED' : open.state,
    updated_at: tell ? now : open.updated_at,
    count: condition.count ?? open.count + 1,
  };
  return { alert, tell };
}

/** The alert's end; undefined where none is open. */
export function resolve(open: Alert | undefined, now: EpochUs): Alert | undefined {
  if (open === undefined || open.state === 'RESOLVED') return undefined;
  return { ...open, state: 'RESOLVED', updated_at: now };
}

const RANK: Readonly<Record<AlertSeverity, number>> = { INFO: 0, WARNING: 1, CRITICAL: 2 };
