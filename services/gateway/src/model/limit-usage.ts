import type { GateBook } from '@cerberus/limits';
import type { Limit, RiskMetrics } from '@cerberus/schema';
import { boundNumber } from '../document/control-document.ts';
import type { RiskLimit } from '../document/metrics-document.ts';

const ANY = '*';

/** A limit type that means a risk figure: the figure's own name, with or without `_limit`. */
function figureOf(limitType: string): string {
  const name = limitType.toLowerCase().replace(/_limit$/, '');
  if (name === 'var') return 'var_99_1d';
  if (name === 'es' || name === 'cvar') return 'es_99_1d';
  return name;
}

function appliesTo({ scope, scope_id, enabled }: Limit, accountId: string): boolean {
  if (!enabled) return false;
  return scope === 'FIRM' || (scope === 'ACCOUNT' && (scope_id === ANY || scope_id === accountId));
}

/** The tightest limits on figures of an account's risk report, and how far they are used. */
export function metricLimits(
  metrics: RiskMetrics,
  limits: Iterable<Limit>,
): Record<string, RiskLimit> {
  const found: Record<string, RiskLimit> = {};
  for (const limit of limits) {
    const figure = figureOf(limit.limit_type);
    if (!appliesTo(limit, metrics.account_id)) continue;
    if (!(figure in metrics.values) && !(figure in metrics.missing)) continue;
    const known = found[figure];
    const hard = tighter(known?.hard ?? null, boundNumber(limit.hard));
    const soft = tighter(known?.soft ?? null, boundNumber(limit.soft));
    found[figure] = { hard, soft, utilization: share(metrics.values[figure], hard ?? soft) };
  }
  return found;
}

function tighter(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function share(value: number | undefined, bound: number | null): number | null {
  if (value === undefined || bound === null || bound === 0) return null;
  const used = Math.abs(value) / bound;
  return Number.isFinite(used) ? used : null;
}

export interface Usage {
  readonly utilization: number | null;
  readonly reason?: string;
}

/**
 * How far a limit is used now. Limits on single orders (size, notional, collar, rate) are used by an
 * order, not by a state, so they have none; limits on risk figures and positions have.
 */
export function usageOf(
  limit: Limit,
  sources: { readonly metrics: Iterable<RiskMetrics>; readonly gate: GateBook },
): Usage {
  const bound = boundNumber(limit.hard ?? limit.soft);
  if (bound === null || bound === 0) return { utilization: null, reason: 'the limit has no bound' };
  if (limit.limit_type.startsWith('position')) return positionUsage(limit, bound, sources.gate);
  const figure = figureOf(limit.limit_type);
  const shares: number[] = [];
  for (const metrics of sources.metrics) {
    if (!appliesTo({ ...limit, enabled: true }, metrics.account_id)) continue;
    const used = share(metrics.values[figure], bound);
    if (used !== null) shares.push(used);
  }
  if (shares.length > 0) return { utilization: Math.max(...shares) };
  return { utilization: null, reason: 'used by single orders, or its figure is not computed' };
}

/** Largest position, working orders included, of what the limit covers. */
function positionUsage(limit: Limit, bound: number, gate: GateBook): Usage {
  if (limit.unit !== 'quantity') {
    return { utilization: null, reason: `judged per order, in ${limit.unit}` };
  }
  let largest = 0;
  for (const account of gate.accounts()) {
    if (!appliesTo({ ...limit, enabled: true }, account.accountId) && limit.scope !== 'SYMBOL') {
      continue;
    }
    for (const [instrumentId, exposure] of account.exposures()) {
      if (!covers(limit, instrumentId)) continue;
      const long = exposure.position + exposure.openBuy;
      const short = exposure.openSell - exposure.position;
      largest = Math.max(largest, Number(long > short ? long : short) / 1e18);
    }
  }
  return { utilization: largest / bound };
}

function covers({ scope, scope_id: id }: Limit, instrumentId: string): boolean {
  if (scope !== 'SYMBOL') return scope === 'FIRM' || scope === 'ACCOUNT';
  return id === ANY || id === instrumentId || instrumentId.startsWith(`${id}.`);
}
