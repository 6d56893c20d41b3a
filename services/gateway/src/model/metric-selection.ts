import type { RiskMetrics } from '@cerberus/schema';
import type { MetricSelection } from '../document/metrics-document.ts';

/** Metrics as the public contract names them in a request. */
export const METRIC_CODES = [
  'VAR_95',
  'VAR_99',
  'CVAR_95',
  'CVAR_99',
  'DELTA',
  'GAMMA',
  'VEGA',
  'THETA',
] as const;

const TAIL = /^(?:parametric_)?(var|es)_(\d+)_(\d+d)$/;

/**
 * Which figures a request wants: of tail figures those of the named metrics at the horizon (every
 * horizon where none is named); with named metrics, nothing that was not named but portfolio_value.
 */
export function selectedMetrics(
  codes: readonly string[] | undefined,
  horizon: string | undefined,
): MetricSelection | undefined {
  if (codes === undefined && horizon === undefined) return undefined;
  return (name) => {
    const tail = TAIL.exec(name);
    if (tail === null) {
      if (codes === undefined || name === 'portfolio_value') return true;
      return codes.some((code) => `portfolio_${code.toLowerCase()}` === name);
    }
    const [, kind, level, days] = tail;
    if (horizon !== undefined && days !== horizon) return false;
    const code = `${kind === 'es' ? 'CVAR' : 'VAR'}_${level}`;
    return codes === undefined || codes.includes(code);
  };
}

export const METHODS = ['historical', 'parametric', 'monte_carlo'] as const;
export type Method = (typeof METHODS)[number];

const PARAMETRIC = 'parametric_';

/**
 * The report with its tail figures by one method under their plain names. The engine's own method
 * has the plain names; what it computes beside it carries the method as a prefix. undefined where it
 * has no figures by that method.
 */
export function byMethod(report: RiskMetrics, method: Method): RiskMetrics | undefined {
  if (method === 'parametric') {
    const isParametric = (name: string) => name.startsWith(PARAMETRIC);
    const isKept = (name: string) => isParametric(name) || !TAIL.test(name);
    const renamed = <V>(from: Readonly<Record<string, V>>) =>
      Object.fromEntries(
        Object.entries(from)
          .filter(([name]) => isKept(name))
          .map(([name, value]) => [
            isParametric(name) ? name.slice(PARAMETRIC.length) : name,
            value,
          ]),
      );
    const names = [...Object.keys(report.values), ...Object.keys(report.missing)];
    if (!names.some(isParametric)) return undefined;
    return { ...report, method, values: renamed(report.values), missing: renamed(report.missing) };
  }
  if (!report.method.startsWith(method)) return undefined;
  const plain = <V>(from: Readonly<Record<string, V>>) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !name.startsWith(PARAMETRIC)));
  return { ...report, values: plain(report.values), missing: plain(report.missing) };
}
