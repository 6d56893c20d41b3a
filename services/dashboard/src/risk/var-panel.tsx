import { useEffect } from 'react';
import { useDesk } from '../desk.ts';
import { formatCompactUsd, formatPercent, numberOf } from '../display/format.ts';
import { type ChartSeries, LineChart } from '../display/line-chart.tsx';
import { Empty, Panel } from '../display/panel.tsx';
import { useAccountRisk } from './kpi-strip.tsx';
import { RISK_COLUMNS } from './risk-store.ts';

const SERIES: ChartSeries[] = [
  {
    column: RISK_COLUMNS.indexOf('var_99_1d'),
    label: 'VaR 99',
    colour: 'accent',
    fill: 'accent-soft',
    width: 2,
  },
  { column: RISK_COLUMNS.indexOf('es_99_1d'), label: 'ES 99', colour: 'second', width: 1.75 },
  {
    column: RISK_COLUMNS.indexOf('soft'),
    label: 'Soft',
    colour: 'warning',
    dash: [4, 4],
    width: 1.25,
  },
  { column: RISK_COLUMNS.indexOf('hard'), label: 'Hard', colour: 'down', dash: [8, 4], width: 1.5 },
];

export function VarPanel({ account }: { account: string | null }) {
  const risk = useAccountRisk(account);
  const { readRiskHistory } = useDesk();
  const isKnown = risk !== undefined;
  useEffect(() => {
    if (account !== null && isKnown) void readRiskHistory(account);
  }, [account, isKnown, readRiskHistory]);
  const used = numberOf(risk?.metrics.limits?.['var_99_1d']?.utilization);
  return (
    <Panel
      title="VaR and ES against limit"
      area="var"
      stream="risk-metrics"
      aside={
        <ul className="legend" aria-label="Lines of the chart">
          {SERIES.map((each) => (
            <li key={each.label} className={each.dash ? 'dashed' : ''}>
              <span className="legend-line" style={{ borderColor: `var(--${each.colour})` }} />
              {each.label}
            </li>
          ))}
        </ul>
      }
    >
      {risk ? (
        <LineChart
          history={risk.history}
          version={risk.historyVersion}
          series={SERIES}
          format={formatCompactUsd}
          fromZero
          label={`VaR and expected shortfall over time${used === null ? '' : `; VaR uses ${formatPercent(used)} of its limit`}`}
        />
      ) : (
        <Empty>No risk figures received yet.</Empty>
      )}
    </Panel>
  );
}
