import { useMemo, useState } from 'react';
import { reasonOf } from '../connection/gateway-api.ts';
import { useStore } from '../connection/store.ts';
import type { Order } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { Chip } from '../display/chip.tsx';
import { type Column, DataTable } from '../display/data-table.tsx';
import { Figure } from '../display/figure.tsx';
import { formatName, formatPrice, formatQuantity, formatTime } from '../display/format.ts';
import { Panel } from '../display/panel.tsx';
import { Segmented } from '../display/segmented.tsx';
import { JourneyTimeline } from './journey-timeline.tsx';
import { isWorking, statusTone } from './order-status.ts';

interface BlotterPanelProps {
  expanded: string | null;
  onExpand: (orderId: string | null) => void;
}

export function BlotterPanel({ expanded, onExpand }: BlotterPanelProps) {
  const { orders } = useStore(useDesk().orders);
  const [filter, setFilter] = useState<'all' | 'working'>('all');
  const working = useMemo(() => orders.filter(isWorking), [orders]);
  const columns = useMemo(() => columnsOf(expanded, onExpand), [expanded, onExpand]);
  return (
    <Panel
      title="Orders"
      area="blotter"
      stream="orders"
      aside={
        <Segmented
          label="Orders shown"
          value={filter}
          options={[
            { value: 'all', label: `All ${orders.length}` },
            { value: 'working', label: `Working ${working.length}` },
          ]}
          onChange={setFilter}
        />
      }
    >
      <DataTable
        caption="Orders"
        columns={columns}
        rows={filter === 'all' ? orders : working}
        rowKey={(order) => order.order_id}
        rowClass={(order) => (order.order_id === expanded ? 'selected' : '')}
        expanded={{
          key: expanded,
          content: (order) => <JourneyTimeline order={order} />,
        }}
        empty={filter === 'all' ? 'No orders yet.' : 'No working orders.'}
      />
    </Panel>
  );
}

function columnsOf(
  expanded: string | null,
  onExpand: (orderId: string | null) => void,
): Column<Order>[] {
  return [
    {
      key: 'symbol',
      label: 'Order',
      width: 178,
      align: 'start',
      order: (order) => order.symbol,
      cell: (order) => {
        const open = order.order_id === expanded;
        return (
          <button
            type="button"
            className="row-name expander"
            aria-expanded={open}
            aria-label={`Journey of order ${order.order_id}`}
            onClick={() => onExpand(open ? null : order.order_id)}
          >
            <span className="expander-mark" aria-hidden="true">
              {open ? '▾' : '▸'}
            </span>
            <span>
              <span className="row-title">
                <span className={`side side-${order.side}`}>{order.side}</span>
                {order.symbol}
              </span>
              <span className="row-note" title={order.order_id}>
                {order.order_id}
              </span>
            </span>
          </button>
        );
      },
    },
    {
      key: 'status',
      label: 'Status',
      width: 128,
      align: 'start',
      order: (order) => order.status,
      cell: (order) => (
        <Chip tone={statusTone(order.status)} title={order.reason ?? undefined}>
          {formatName(order.status)}
        </Chip>
      ),
    },
    {
      key: 'type',
      label: 'Type',
      width: 64,
      align: 'start',
      cell: (order) => formatName(order.order_type),
    },
    {
      key: 'limit',
      label: 'Limit',
      width: 90,
      cell: (order) => (
        <Figure
          value={order.limit_price}
          format={formatPrice}
          reason={order.order_type === 'MARKET' ? 'market order' : 'no limit price'}
        />
      ),
    },
    {
      key: 'filled',
      label: 'Filled / Qty',
      width: 128,
      cell: (order) => (
        <span className="figure">
          {formatQuantity(order.filled_quantity)}
          <span className="muted"> / {formatQuantity(order.quantity)}</span>
        </span>
      ),
    },
    {
      key: 'average',
      label: 'Avg price',
      width: 92,
      cell: (order) => (
        <Figure value={order.average_price} format={formatPrice} reason="nothing filled" />
      ),
    },
    {
      key: 'account',
      label: 'Account',
      width: 84,
      align: 'start',
      order: (order) => order.account_id,
      cell: (order) => order.account_id,
    },
    {
      key: 'created',
      label: 'Time UTC',
      width: 76,
      order: (order) => order.created_at,
      cell: (order) => (
        <span className="figure" title={order.created_at}>
          {formatTime(order.created_at)}
        </span>
      ),
    },
    {
      key: 'cancel',
      label: '',
      width: 78,
      cell: (order) => (isWorking(order) ? <CancelButton order={order} /> : null),
    },
  ];
}

function CancelButton({ order }: { order: Order }) {
  const { api } = useDesk();
  const [state, setState] = useState<{ busy: boolean; problem: string | null }>({
    busy: false,
    problem: null,
  });
  const cancel = async () => {
    setState({ busy: true, problem: null });
    try {
      await api.cancel(order.order_id);
      setState({ busy: false, problem: null });
    } catch (error) {
      setState({ busy: false, problem: reasonOf(error) });
    }
  };
  return (
    <button
      type="button"
      className={`button small ${state.problem ? 'button-critical' : ''}`}
      disabled={state.busy}
      title={state.problem ?? 'Ask the venue to cancel this order'}
      aria-label={`Cancel order ${order.order_id}`}
      onClick={() => void cancel()}
    >
      {state.busy ? '…' : state.problem ? 'Retry' : 'Cancel'}
    </button>
  );
}
