import { useMemo } from 'react';
import { useStore } from '../connection/store.ts';
import type { PositionGreeks } from '../contract.ts';
import { useDesk } from '../desk.ts';
import { QualityMark } from '../display/chip.tsx';
import { type Column, DataTable } from '../display/data-table.tsx';
import { Absent, Figure } from '../display/figure.tsx';
import {
  formatCompactUsd,
  formatGreek,
  formatNumber,
  formatPercent,
  formatPrice,
  formatQuantity,
  formatSignedUsd,
  numberOf,
} from '../display/format.ts';
import { Panel } from '../display/panel.tsx';
import { type OptionTerms, optionTermsOf } from './option-terms.ts';
import type { PositionState } from './position-store.ts';

export interface PositionRow {
  position: PositionGreeks;
  option: OptionTerms | null;
}

const rows = new WeakMap<PositionGreeks, PositionRow>();

/** The same row object for the same position, so that unchanged rows are not rendered again. */
function rowOf(position: PositionGreeks, state: PositionState): PositionRow {
  const option = optionTermsOf(position, state.terms[position.position_id]);
  const known = rows.get(position);
  if (known && JSON.stringify(known.option) === JSON.stringify(option)) return known;
  const row = { position, option };
  rows.set(position, row);
  return row;
}

type MeasureName =
  | 'avg_price'
  | 'mark_price'
  | 'market_value'
  | 'unrealized_pnl'
  | 'delta'
  | 'gamma'
  | 'vega'
  | 'theta'
  | 'dollar_delta'
  | 'implied_volatility';

function measure(
  name: MeasureName,
  label: string,
  width: number,
  shown: { format: (value: number) => string; signed?: boolean; title?: string },
): Column<PositionRow> {
  return {
    key: name,
    label,
    width,
    ...(shown.title ? { title: shown.title } : {}),
    order: ({ position }) => numberOf(position[name]),
    cell: ({ position, option }) =>
      name === 'implied_volatility' && !option ? null : (
        <Figure
          value={position[name]}
          format={shown.format}
          reason={position.reasons?.[name]}
          signed={shown.signed ?? false}
        />
      ),
  };
}

const COLUMNS: Column<PositionRow>[] = [
  {
    key: 'symbol',
    label: 'Position',
    width: 180,
    align: 'start',
    order: ({ position }) => position.symbol,
    cell: (row) => <Name {...row} />,
  },
  {
    key: 'quantity',
    label: 'Quantity',
    width: 84,
    order: ({ position }) => numberOf(position.quantity),
    cell: ({ position }) =>
      position.quantity === null ? (
        <Absent reason={position.reasons?.['quantity']} />
      ) : (
        <span className="figure">{formatQuantity(position.quantity)}</span>
      ),
  },
  measure('avg_price', 'Avg', 84, { format: formatPrice, title: 'Average entry price' }),
  measure('mark_price', 'Mark', 84, { format: formatPrice }),
  measure('market_value', 'Value', 92, { format: formatCompactUsd }),
  measure('unrealized_pnl', 'P&L', 86, {
    format: formatSignedUsd,
    signed: true,
    title: 'Unrealised profit and loss',
  }),
  measure('delta', 'Delta', 72, { format: formatGreek }),
  measure('dollar_delta', 'Delta $', 86, { format: formatCompactUsd }),
  measure('gamma', 'Gamma', 76, { format: formatGreek }),
  measure('vega', 'Vega', 72, { format: formatGreek }),
  measure('theta', 'Theta', 72, { format: formatGreek }),
  measure('implied_volatility', 'IV', 58, { format: formatPercent, title: 'Implied volatility' }),
];

function Name({ position, option }: PositionRow) {
  return (
    <span className="row-name">
      <span className="row-title">
        {option ? position.underlying : position.symbol}
        {option && (
          <span className={`option-type option-${option.type}`}>
            {option.type === 'C' ? 'Call' : 'Put'} {formatNumber(option.strike, 0)}
          </span>
        )}
        <QualityMark quality={position.quality} />
      </span>
      <span className="row-note">
        {option ? `exp ${option.expiry}` : position.asset_class} · {position.account_id}
      </span>
    </span>
  );
}

export function PositionsPanel({ account }: { account: string | null }) {
  const state = useStore(useDesk().positions);
  const shown = useMemo(
    () =>
      state.positions
        .filter((position) => account === null || position.account_id === account)
        .map((position) => rowOf(position, state)),
    [state, account],
  );
  return (
    <Panel
      title="Positions"
      area="positions"
      stream="greeks"
      aside={<span className="count">{shown.length} open</span>}
    >
      <DataTable
        caption="Open positions with Greeks"
        columns={COLUMNS}
        rows={shown}
        rowKey={({ position }) => position.position_id}
        empty="No open positions."
      />
    </Panel>
  );
}
