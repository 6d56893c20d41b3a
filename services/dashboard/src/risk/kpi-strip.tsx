import type { ReactNode } from 'react';
import { useStore } from '../connection/store.ts';
import type { RiskMetrics } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { QualityChip } from '../display/chip.tsx';
import { Figure, toneOfSign } from '../display/figure.tsx';
import {
  formatAge,
  formatCompactUsd,
  formatPercent,
  formatSigned,
  formatSignedUsd,
  formatUsd,
  numberOf,
} from '../display/format.ts';
import { Meter } from '../display/meter.tsx';
import { Sparkline } from '../display/sparkline.tsx';
import type { AccountRisk } from './risk-store.ts';

const NOT_YET = 'no risk figures received yet';

export function useAccountRisk(account: string | null): AccountRisk | undefined {
  return useStore(useDesk().risk, (state) => (account === null ? undefined : state[account]));
}

function Card(props: { label: string; title?: string; children: ReactNode; note: ReactNode }) {
  return (
    <article className="kpi" title={props.title}>
      <h3>{props.label}</h3>
      <p className="kpi-value">{props.children}</p>
      <div className="kpi-note">{props.note}</div>
    </article>
  );
}

export function inputAges(metrics: RiskMetrics | undefined): string {
  const ages = (metrics?.inputs ?? []).map(
    ({ name, age_ms }) => `${name}: ${age_ms === null ? 'age unknown' : formatAge(age_ms)}`,
  );
  return [`as of ${metrics?.timestamp ?? 'unknown'}`, ...ages].join('\n');
}

export function KpiStrip({ account }: { account: string | null }) {
  const risk = useAccountRisk(account);
  const metrics = risk?.metrics;
  return (
    <section className="kpis" id="risk" aria-label="Key risk figures">
      <ValueCard risk={risk} />
      <VarCard metrics={metrics} />
      <Card
        label="ES 99 · 1d"
        title="Expected shortfall: mean loss beyond the 99% quantile, one day"
        note={<Pair label="ES 95" name="es_95_1d" metrics={metrics} />}
      >
        <Money name="es_99_1d" metrics={metrics} />
      </Card>
      <Card
        label="Delta $"
        note={<Pair label="largest" name="largest_position_pct" metrics={metrics} percent />}
      >
        <Money name="portfolio_delta" metrics={metrics} />
      </Card>
      <Card
        label="Gamma $"
        title="Change of dollar delta for a 1% move"
        note={<Pair label="concentration" name="concentration_score" metrics={metrics} percent />}
      >
        <Money name="portfolio_gamma" metrics={metrics} />
      </Card>
      <Card label="Vega $" note="per volatility point">
        <Money name="portfolio_vega" metrics={metrics} />
      </Card>
      <Card label="Theta $" note="per calendar day">
        <Money name="portfolio_theta" metrics={metrics} />
      </Card>
    </section>
  );
}

function ValueCard({ risk }: { risk: AccountRisk | undefined }) {
  const value = numberOf(risk?.metrics.portfolio_value);
  const open = risk?.openValue ?? null;
  const change = value === null || open === null ? null : value - open;
  const tone = toneOfSign(change);
  return (
    <article className="kpi kpi-wide" title={inputAges(risk?.metrics)}>
      <h3>
        Portfolio value
        {risk && <QualityChip quality={risk.metrics.quality} title={inputAges(risk.metrics)} />}
      </h3>
      <p className="kpi-value" data-testid="portfolio-value">
        <Figure
          value={value}
          format={formatUsd}
          reason={risk ? risk.metrics.reasons?.['portfolio_value'] : NOT_YET}
        />
      </p>
      <div className="kpi-note kpi-change">
        <Figure value={change} format={formatSignedUsd} reason={NOT_YET} signed />
        {change !== null && open ? (
          <span className={`figure tone-${tone}`}>{formatSigned((change / open) * 100, 3)}%</span>
        ) : null}
        <span className="muted">since opened</span>
      </div>
      {risk && (
        <Sparkline
          history={risk.history}
          version={risk.historyVersion}
          column={0}
          tone={tone === 'up' || tone === 'down' ? tone : 'flat'}
          width={120}
          height={44}
        />
      )}
    </article>
  );
}

function VarCard({ metrics }: { metrics: RiskMetrics | undefined }) {
  const limit = metrics?.limits?.['var_99_1d'];
  const hard = numberOf(limit?.hard);
  const soft = numberOf(limit?.soft);
  const used = numberOf(limit?.utilization);
  const bound = hard ?? soft;
  return (
    <Card
      label="VaR 99 · 1d"
      title={`Value at risk, one day${metrics?.method ? `, ${metrics.method}` : ''}`}
      note={
        <>
          <Meter
            utilization={used}
            soft={hard && soft !== null ? soft / hard : null}
            label="VaR 99 limit utilisation"
          />
          <span className="kpi-limit">
            <Figure value={used} format={formatPercent} reason="no limit configured" />
            <span className="muted">
              {' of '}
              <Figure value={bound} format={formatCompactUsd} reason="no limit configured" />
            </span>
          </span>
        </>
      }
    >
      <Money name="var_99_1d" metrics={metrics} />
    </Card>
  );
}

type MoneyName =
  | 'var_99_1d'
  | 'es_99_1d'
  | 'es_95_1d'
  | `portfolio_${'delta' | 'gamma' | 'vega' | 'theta'}`;
type FractionName = 'largest_position_pct' | 'concentration_score';

function Money({ name, metrics }: { name: MoneyName; metrics: RiskMetrics | undefined }) {
  return (
    <Figure
      value={metrics?.[name]}
      format={formatCompactUsd}
      reason={metrics ? metrics.reasons?.[name] : NOT_YET}
    />
  );
}

function Pair(props: {
  label: string;
  name: MoneyName | FractionName;
  metrics: RiskMetrics | undefined;
  percent?: boolean;
}) {
  const { label, name, metrics, percent = false } = props;
  return (
    <>
      <span className="muted">{label}</span>
      <Figure
        value={metrics?.[name]}
        format={percent ? formatPercent : formatCompactUsd}
        reason={metrics ? metrics.reasons?.[name] : NOT_YET}
      />
    </>
  );
}
