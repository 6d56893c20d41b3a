import { useMemo } from 'react';
import { useStore } from '../connection/store.ts';
import { useDesk } from '../desk.ts';
import { type Column, DataTable } from '../display/data-table.tsx';
import { Figure } from '../display/figure.tsx';
import { formatCompactUsd, formatGreek } from '../display/format.ts';
import { Panel } from '../display/panel.tsx';
import { greeksByUnderlying, type UnderlyingGreeks } from './underlying-greeks.ts';

type Name = 'delta' | 'dollar_delta' | 'dollar_gamma' | 'vega' | 'theta';

function sum(
  name: Name,
  label: string,
  format: (value: number) => string,
): Column<UnderlyingGreeks> {
  return {
    key: name,
    label,
    width: 81,
    order: (row) => row[name],
    cell: (row) => (
      <Figure
        value={row[name]}
        format={format}
        reason={row.reasons[name]}
        signed={name === 'dollar_delta'}
      />
    ),
  };
}

const COLUMNS: Column<UnderlyingGreeks>[] = [
  {
    key: 'underlying',
    label: 'Underlying',
    width: 104,
    align: 'start',
    order: (row) => row.underlying,
    cell: (row) => (
      <span className="row-name">
        <span className="row-title">{row.underlying}</span>
        <span className="row-note">
          {row.positions} {row.positions === 1 ? 'position' : 'positions'}
        </span>
      </span>
    ),
  },
  sum('delta', 'Delta', formatGreek),
  sum('dollar_delta', 'Delta $', formatCompactUsd),
  sum('dollar_gamma', 'Gamma $', formatCompactUsd),
  sum('vega', 'Vega $', formatCompactUsd),
  sum('theta', 'Theta $', formatCompactUsd),
];

export function GreeksPanel({ account }: { account: string | null }) {
  const { positions } = useStore(useDesk().positions);
  const rows = useMemo(
    () =>
      greeksByUnderlying(
        positions.filter((position) => account === null || position.account_id === account),
      ),
    [positions, account],
  );
  return (
    <Panel title="Greeks by underlying" area="greeks" stream="greeks">
      <DataTable
        caption="Greeks summed by underlying"
        columns={COLUMNS}
        rows={rows}
        rowKey={(row) => row.underlying}
        empty="No open positions."
      />
    </Panel>
  );
}
