import { useStore } from '../connection/store.ts';
import type { Fill } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { type Column, DataTable } from '../display/data-table.tsx';
import { Absent, Figure } from '../display/figure.tsx';
import { formatPrice, formatQuantity, formatTime } from '../display/format.ts';
import { Panel } from '../display/panel.tsx';

const COLUMNS: Column<Fill>[] = [
  {
    key: 'symbol',
    label: 'Execution',
    width: 150,
    align: 'start',
    cell: (fill) => (
      <span className="row-name">
        <span className="row-title">
          <span className={`side side-${fill.side}`}>{fill.side}</span>
          {fill.symbol}
        </span>
        <span className="row-note" title={`order ${fill.order_id}`}>
          {fill.venue ?? fill.order_id}
        </span>
      </span>
    ),
  },
  {
    key: 'quantity',
    label: 'Quantity',
    width: 80,
    cell: (fill) => <span className="figure">{formatQuantity(fill.quantity)}</span>,
  },
  {
    key: 'price',
    label: 'Price',
    width: 88,
    cell: (fill) => <Figure value={fill.price} format={formatPrice} />,
  },
  {
    key: 'fee',
    label: 'Fee',
    width: 92,
    cell: (fill) =>
      fill.fee === null ? (
        <Absent reason="fee not reported by the venue" />
      ) : (
        <span className="figure">
          {formatQuantity(fill.fee)} <span className="muted">{fill.fee_currency ?? ''}</span>
        </span>
      ),
  },
  {
    key: 'time',
    label: 'Time UTC',
    width: 76,
    cell: (fill) => (
      <span className="figure" title={fill.executed_at}>
        {formatTime(fill.executed_at)}
      </span>
    ),
  },
];

export function ExecutionsPanel() {
  const { fills } = useStore(useDesk().orders);
  return (
    <Panel
      title="Executions"
      area="executions"
      stream="orders"
      aside={<span className="count">{fills.length}</span>}
    >
      <DataTable
        caption="Executions"
        columns={COLUMNS}
        rows={fills}
        rowKey={(fill) => fill.fill_id}
        empty="No executions yet."
      />
    </Panel>
  );
}
