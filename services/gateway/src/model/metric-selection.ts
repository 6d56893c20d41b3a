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

const TAIL = /^(var|es)_(\d+)_(\d+d)$/;

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
