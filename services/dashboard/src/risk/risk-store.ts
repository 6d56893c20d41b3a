import { createStore } from '../connection/store.ts';
import { type RiskMetrics, type RiskPoint, riskOf, type StreamMessage } from '../contract.ts';
import { BoundedSeries } from '../display/bounded-series.ts';
import { numberOf } from '../display/format.ts';

export interface AccountRisk {
  metrics: RiskMetrics;
  /** Portfolio value when this page first saw the account. */
  openValue: number | null;
  history: BoundedSeries;
  historyVersion: number;
}

export type RiskState = Record<string, AccountRisk>;

/** Columns of the history, in this order. */
export const RISK_COLUMNS = ['portfolio_value', 'var_99_1d', 'es_99_1d', 'soft', 'hard'] as const;
export const HISTORY_CAPACITY = 900;
const HISTORY_SPACING_MS = 1000;
export const MAX_ACCOUNTS = 64;

export function createRiskStore() {
  const store = createStore<RiskState>({});
  return {
    ...store,
    receive(message: StreamMessage, nowMs: number) {
      store.update((state) => {
        const next = { ...state };
        for (const metrics of riskOf(message.data)) {
          const known = next[metrics.account_id];
          if (!known && Object.keys(next).length >= MAX_ACCOUNTS) continue;
          next[metrics.account_id] = advance(known, metrics, nowMs);
        }
        return next;
      });
    },
    /** What was before this page was opened, newest first. */
    addHistory(account: string, points: readonly RiskPoint[]) {
      store.update((state) => {
        const known = state[account];
        if (!known) return state;
        known.history.prepend(points.map(sampleOf).reverse());
        return { ...state, [account]: { ...known, historyVersion: known.history.version } };
      });
    },
  };
}

/** Limits of then are not known: their lines begin with the page. */
function sampleOf(point: RiskPoint): { timeMs: number; values: (number | null)[] } {
  const { portfolio_value, var_99_1d, es_99_1d } = point;
  return {
    timeMs: Date.parse(point.as_of),
    values: [numberOf(portfolio_value), numberOf(var_99_1d), numberOf(es_99_1d), null, null],
  };
}

function advance(known: AccountRisk | undefined, metrics: RiskMetrics, nowMs: number): AccountRisk {
  const history =
    known?.history ??
    new BoundedSeries({
      columns: RISK_COLUMNS.length,
      capacity: HISTORY_CAPACITY,
      spacingMs: HISTORY_SPACING_MS,
    });
  const value = numberOf(metrics.portfolio_value);
  const limit = metrics.limits?.['var_99_1d'];
  history.push(nowMs, [
    value,
    numberOf(metrics.var_99_1d),
    numberOf(metrics.es_99_1d),
    numberOf(limit?.soft),
    numberOf(limit?.hard),
  ]);
  return {
    metrics,
    openValue: known?.openValue ?? value,
    history,
    historyVersion: history.version,
  };
}
