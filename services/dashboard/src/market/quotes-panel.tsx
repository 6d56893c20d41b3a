import { useMemo } from 'react';
import { useStore } from '../connection/store.ts';
import { useDesk } from '../desk.ts';
import { QualityMark } from '../display/chip.tsx';
import { type Column, DataTable } from '../display/data-table.tsx';
import { Absent, Figure, toneOfSign } from '../display/figure.tsx';
import { formatAge, formatPrice, formatSigned } from '../display/format.ts';
import { Panel } from '../display/panel.tsx';
import { Sparkline } from '../display/sparkline.tsx';
import type { QuoteRow } from './market-store.ts';

interface QuotesPanelProps {
  selected: string | null;
  onSelect: (symbol: string) => void;
}

function changeOf(row: QuoteRow): number | null {
  return row.mid === null || !row.openMid ? null : row.mid / row.openMid - 1;
}

function columnsOf(onSelect: (symbol: string) => void): Column<QuoteRow>[] {
  return [
    {
      key: 'symbol',
      label: 'Instrument',
      width: 116,
      align: 'start',
      order: (row) => row.quote.symbol,
      cell: (row) => (
        <button type="button" className="row-name" onClick={() => onSelect(row.quote.symbol)}>
          <span className="row-title">
            {row.quote.symbol}
            <QualityMark quality={row.quote.quality} />
          </span>
          <span className="row-note">{row.quote.venue}</span>
        </button>
      ),
    },
    {
      key: 'bid',
      label: 'Bid',
      width: 74,
      cell: (row) => <Figure value={row.quote.bid_price} format={formatPrice} reason="no bid" />,
    },
    {
      key: 'ask',
      label: 'Ask',
      width: 74,
      cell: (row) => <Figure value={row.quote.ask_price} format={formatPrice} reason="no ask" />,
    },
    { key: 'mid', label: 'Mid', width: 82, cell: (row) => <Mid row={row} /> },
    {
      key: 'change',
      label: 'Chg %',
      title: 'Change of mid since this page was opened',
      width: 56,
      order: changeOf,
      cell: (row) => <Change fraction={changeOf(row)} />,
    },
    {
      key: 'trend',
      label: 'Trend',
      width: 58,
      cell: (row) => (
        <Sparkline
          history={row.history}
          version={row.historyVersion}
          column={2}
          tone={sparkTone(changeOf(row))}
        />
      ),
    },
    {
      key: 'age',
      label: 'Age',
      title: 'Age of the quote when the gateway sent it',
      width: 56,
      cell: (row) => <Figure value={row.quote.age_ms} format={formatAge} reason="age unknown" />,
    },
  ];
}

function sparkTone(change: number | null): 'up' | 'down' | 'flat' {
  const tone = toneOfSign(change);
  return tone === 'up' || tone === 'down' ? tone : 'flat';
}

/** Keyed by the tick count, so that each move flashes anew. */
function Mid({ row }: { row: QuoteRow }) {
  if (row.quote.mid === null) return <Absent reason="one side of the book is empty" />;
  return (
    <span key={row.ticks} className={`tick tick-${row.direction}`}>
      <Figure value={row.quote.mid} format={formatPrice} />
    </span>
  );
}

function Change({ fraction }: { fraction: number | null }) {
  return (
    <Figure
      value={fraction === null ? null : fraction * 100}
      format={(value) => formatSigned(value, 2)}
      reason="no first price yet"
      signed
    />
  );
}

export function QuotesPanel({ selected, onSelect }: QuotesPanelProps) {
  const { rows } = useStore(useDesk().market);
  const columns = useMemo(() => columnsOf(onSelect), [onSelect]);
  return (
    <Panel
      title="Markets"
      area="quotes"
      stream="market-data"
      aside={<span className="count">{rows.length} instruments</span>}
    >
      <DataTable
        caption="Quotes"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        rowClass={(row) => (row.quote.symbol === selected ? 'selected' : '')}
        empty="No quotes yet."
      />
    </Panel>
  );
}
