import { useStore } from '../connection/store.ts';
import { useDesk } from '../desk.ts';
import { toneOfSign } from '../display/figure.tsx';
import { formatPrice, formatSigned, numberOf } from '../display/format.ts';
import { type ChartSeries, LineChart } from '../display/line-chart.tsx';
import { Empty, Panel } from '../display/panel.tsx';
import { DepthLadder } from './depth-ladder.tsx';
import type { QuoteRow } from './market-store.ts';

/** Columns of the quote history: bid, ask, mid. */
const SERIES: ChartSeries[] = [
  { column: 0, label: 'Bid', colour: 'up', width: 1 },
  { column: 1, label: 'Ask', colour: 'down', width: 1 },
  { column: 2, label: 'Mid', colour: 'accent', width: 2 },
];

export function InstrumentPanel({ selected }: { selected: string | null }) {
  const market = useStore(useDesk().market);
  const row = market.rows.find((each) => each.quote.symbol === selected);
  return (
    <Panel
      title={selected ?? 'Instrument'}
      area="instrument"
      stream="market-data"
      aside={row && <Spread row={row} />}
    >
      {row ? (
        <div className="instrument">
          <LineChart
            history={row.history}
            version={row.historyVersion}
            series={SERIES}
            format={formatPrice}
            label={`Bid, ask and mid of ${row.quote.symbol} over the last minutes`}
          />
          <DepthLadder quote={row.quote} book={market.books[row.quote.symbol]} />
        </div>
      ) : (
        <Empty>Choose an instrument to see its price and depth.</Empty>
      )}
    </Panel>
  );
}

function Spread({ row }: { row: QuoteRow }) {
  const bid = numberOf(row.quote.bid_price);
  const ask = numberOf(row.quote.ask_price);
  const change = row.mid === null || !row.openMid ? null : row.mid - row.openMid;
  return (
    <>
      {row.mid !== null && <strong className="figure">{formatPrice(row.mid)}</strong>}
      {change !== null && (
        <span className={`figure tone-${toneOfSign(change)}`} title="Since this page was opened">
          {formatSigned(change, 2)}
        </span>
      )}
      {bid !== null && ask !== null && row.mid ? (
        <span className="figure muted" title="Spread in basis points of mid">
          {formatSigned(((ask - bid) / row.mid) * 1e4, 2).replace('+', '')} bp
        </span>
      ) : null}
    </>
  );
}
