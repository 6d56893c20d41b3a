import { formatEpochUs, toNumber } from '@cerberus/core';
import type { FeedStatus, KillSwitch, Leader, Limit, RiskMetrics } from '@cerberus/schema';
import type { Condition } from './alert-life.ts';
import type { Verdict } from './verdict.ts';

export function feedCondition(status: FeedStatus): Condition | undefined {
  if (status.state === 'LIVE' || status.state === 'CONNECTING') return undefined;
  const { instrument_id: instrument, state, reason, gaps } = status;
  return {
    rule: 'stale_feed',
    category: 'market-data',
    severity: state === 'SYNCING' ? 'INFO' : state === 'DOWN' ? 'CRITICAL' : 'WARNING',
    subject: instrument,
    message: `Feed of ${instrument} is ${state}: ${reason}`,
    data: { state, gaps: String(gaps) },
    actions: ['Orders on this instrument are blocked until the feed is live again'],
  };
}

/** The feed service itself has fallen silent. */
export function silentFeed(instrument: string, silentMs: number): Condition {
  return {
    rule: 'stale_feed',
    category: 'market-data',
    severity: 'CRITICAL',
    subject: instrument,
    message: `No word of the feed of ${instrument} for ${Math.round(silentMs / 1000)} s`,
    data: {},
    actions: ['Check that market-data runs'],
  };
}

export function leaderVerdict(leader: Leader): Verdict {
  const isLeading = leader.state === 'LEADING';
  const about = { rule: 'leader_change', subject: leader.service };
  const asOf = formatEpochUs(leader.since);
  const condition: Condition = {
    ...about,
    category: 'platform',
    severity: isLeading ? 'INFO' : 'WARNING',
    message: isLeading
      ? `${leader.instance_id} leads ${leader.service} with term ${leader.token}`
      : `${leader.instance_id} gave up leading ${leader.service}`,
    data: { instance_id: leader.instance_id, term: String(leader.token), as_of: asOf },
    actions: [],
  };
  return { ...about, condition, asOf };
}

export function killCondition(kill: KillSwitch): Condition | undefined {
  if (!kill.engaged) return undefined;
  return {
    rule: 'kill_switch',
    category: 'control',
    severity: 'CRITICAL',
    subject: `${kill.scope} ${kill.scope_id}`,
    message: `Kill switch of ${kill.scope.toLowerCase()} ${kill.scope_id} engaged by ${kill.set_by}: ${kill.reason}`,
    data: { cancel_open: String(kill.cancel_open) },
    actions: ['Release it with DELETE /api/v1/risk/kill-switch once the cause is understood'],
  };
}

export interface MetricVerdict {
  readonly subject: string;
  /** Undefined where the figure is well inside its limit. */
  readonly condition: Condition | undefined;
}

/** Risk figures against the limits that carry their name, e.g. `var_99_1d`. */
export function metricVerdicts(
  metrics: RiskMetrics,
  limits: Iterable<Limit>,
  nearFraction: number,
): MetricVerdict[] {
  const verdicts: MetricVerdict[] = [];
  for (const limit of limits) {
    const value = metrics.values[limit.limit_type];
    // A limit of the firm binds each account by itself.
    const ours =
      limit.scope === 'FIRM' ||
      (limit.scope === 'ACCOUNT' && limit.scope_id === metrics.account_id);
    if (!ours) continue;
    const subject = `${metrics.account_id} ${limit.limit_id}`;
    if (!limit.enabled) verdicts.push({ subject, condition: undefined });
    else if (value !== undefined) verdicts.push(verdict(metrics, limit, { value, nearFraction }));
  }
  return verdicts;
}

function verdict(
  { account_id: account, quality }: RiskMetrics,
  limit: Limit,
  { value, nearFraction }: { readonly value: number; readonly nearFraction: number },
): MetricVerdict {
  const subject = `${account} ${limit.limit_id}`;
  const hard = limit.hard === null ? undefined : toNumber(limit.hard);
  const soft = limit.soft === null ? undefined : toNumber(limit.soft);
  const bound = hard ?? soft;
  if (bound === undefined) return { subject, condition: undefined };
  const breached = hard !== undefined && value > hard;
  const near = value > (soft ?? bound * nearFraction);
  if (!breached && !near) return { subject, condition: undefined };
  return {
    subject,
    condition: {
      rule: 'risk_limit',
      category: 'limits',
      severity: breached ? 'CRITICAL' : 'WARNING',
      subject,
      message: `${limit.limit_type} of ${account} is ${value.toFixed(0)} ${limit.unit}, ${breached ? 'above' : 'near'} its limit ${bound}`,
      data: { limit_id: limit.limit_id, utilization: (value / bound).toFixed(4), quality },
      actions: ['Hedge or reduce the position', 'GET /api/v1/risk/limits'],
    },
  };
}
