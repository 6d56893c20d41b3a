import type { RiskMetrics } from '@cerberus/schema';
import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { riskMetricsDocument } from '../document/metrics-document.ts';
import { metricLimits } from '../model/limit-usage.ts';
import { METRIC_CODES, selectedMetrics } from '../model/metric-selection.ts';
import type { RouteContext } from '../route/route-context.ts';
import { DirtyFeed } from './dirty-feed.ts';

const SELECTION = Type.Object({
  metrics: Type.Optional(Type.Array(Type.Enum([...METRIC_CODES]), { maxItems: 32 })),
  account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});
type Selection = Static<typeof SELECTION>;

/** Risk figures, one account per update. A changed limit is a change of every account's figures. */
export function riskMetricsStream({ model, risk }: RouteContext): StreamSource<Selection> {
  const table = model.tables['risk.metrics'];
  const limits = model.tables['control.limit'];
  return {
    name: 'risk-metrics',
    delivery: 'conflate',
    selection: SELECTION,
    channelKey: ({ metrics, account_id }) => `${account_id ?? '*'} ${(metrics ?? []).join(' ')}`,
    open: ({ metrics, account_id }) => {
      const wanted = selectedMetrics(metrics as string[] | undefined, undefined);
      const document = (report: RiskMetrics) =>
        riskMetricsDocument(report, risk, {
          limits: metricLimits(report, limits.values()),
          wanted,
        });
      const isChosen = (id: string) => account_id === undefined || account_id === id;
      return new DirtyFeed({
        listen: (changed) => {
          const stopMetrics = table.onChange((id) => changed(id));
          const stopLimits = limits.onChange(() => {
            for (const [id] of table.entries()) changed(id);
          });
          return () => {
            stopMetrics();
            stopLimits();
          };
        },
        snapshot: () => ({
          accounts: [...table.values()].filter((each) => isChosen(each.account_id)).map(document),
        }),
        updates: (ids) =>
          ids.filter(isChosen).flatMap((id) => {
            const report = table.get(id);
            return report === undefined ? [] : [{ type: 'risk_update', data: document(report) }];
          }),
      });
    },
  };
}
