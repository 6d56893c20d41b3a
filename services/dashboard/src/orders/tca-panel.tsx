import { useEffect, useMemo, useState } from 'react';
import { reasonOf } from '../connection/gateway-api.ts';
import { useStore } from '../connection/store.ts';
import type { ExecutionReport, Order } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Figure } from '../display/figure.tsx';
import {
  formatName,
  formatNumber,
  formatPercent,
  formatSigned,
  formatTime,
  formatUsd,
} from '../display/format.ts';
import { Empty, Panel } from '../display/panel.tsx';
import { hasFills } from './order-status.ts';

type Loaded = { report: ExecutionReport | null } | { problem: string } | null;

interface TcaPanelProps {
  chosen: string | null;
  onChoose: (orderId: string) => void;
}

export function TcaPanel({ chosen, onChoose }: TcaPanelProps) {
  const { orders } = useStore(useDesk().orders);
  const filled = useMemo(() => orders.filter(hasFills), [orders]);
  const order = filled.find((each) => each.order_id === chosen) ?? filled[0];
  return (
    <Panel
      title="Execution quality"
      area="tca"
      aside={
        filled.length > 0 && (
          <select
            className="compact"
            aria-label="Order to analyse"
            value={order?.order_id}
            onChange={(event) => onChoose(event.target.value)}
          >
            {filled.map((each) => (
              <option key={each.order_id} value={each.order_id}>
                {`${each.side} ${each.symbol} ${formatTime(each.created_at)}`}
              </option>
            ))}
          </select>
        )
      }
    >
      {order ? <Report order={order} /> : <Empty>Nothing filled yet.</Empty>}
    </Panel>
  );
}

function Report({ order }: { order: Order }) {
  const { api } = useDesk();
  const [loaded, setLoaded] = useState<Loaded>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more fills make another report.
  useEffect(() => {
    let current = true;
    api.executionReport(order.order_id).then(
      (report) => current && setLoaded({ report }),
      (error) => current && setLoaded({ problem: reasonOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [api, order.order_id, order.filled_quantity]);
  if (loaded === null) return <Empty>Reading the report…</Empty>;
  if ('problem' in loaded) return <Empty>No report: {loaded.problem}</Empty>;
  if (loaded.report === null) return <Empty>No report for this order yet.</Empty>;
  return <ReportFigures report={loaded.report} />;
}

function ReportFigures({ report }: { report: ExecutionReport }) {
  const { costs = {}, execution_quality: quality = {}, reasons = {} } = report;
  const latency =
    typeof report.latency_ms === 'object' && report.latency_ms !== null
      ? (Object.values(report.latency_ms)[0] ?? null)
      : report.latency_ms;
  const bps = (value: number) => `${formatSigned(value, 2)} bp`;
  const rows = [
    ['Arrival slippage', quality['arrival_slippage_bps'], bps, 'arrival_slippage_bps'],
    ['VWAP slippage', quality['vwap_slippage_bps'], bps, 'vwap_slippage_bps'],
    ['Market impact', costs['impact_bps'], bps, 'impact_bps'],
    ['Fill rate', quality['fill_rate'], (value: number) => formatPercent(value), 'fill_rate'],
    [
      'Passive share',
      quality['passive_ratio'],
      (value: number) => formatPercent(value),
      'passive_ratio',
    ],
    ['Latency', latency, (value: number) => `${formatNumber(value, 2)} ms`, 'latency_ms'],
    ['Fees', costs['fees_usd'], formatUsd, 'fees_usd'],
    ['Total cost', costs['total_cost_usd'], formatUsd, 'total_cost_usd'],
  ] as const;
  return (
    <>
      <dl className="report">
        {rows.map(([label, value, format, name]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>
              <Figure value={value} format={format} reason={reasons[name]} />
            </dd>
          </div>
        ))}
      </dl>
      {(report.violations ?? []).length > 0 && (
        <ul className="violations" aria-label="Violations">
          {report.violations.map((violation, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list of one report never changes.
            <li key={index} className="tone-critical">
              {typeof violation === 'string' ? formatName(violation) : JSON.stringify(violation)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
