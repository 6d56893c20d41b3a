import { memo, type ReactNode, useMemo, useRef, useState } from 'react';
import { ROW_HEIGHT_PX, useRowWindow } from './row-window.ts';

export interface Column<Row> {
  key: string;
  label: string;
  /** Explains an abbreviated heading. */
  title?: string;
  width: number;
  align?: 'start' | 'end';
  cell: (row: Row) => ReactNode;
  /** Makes the column sortable. */
  order?: (row: Row) => number | string | null;
}

interface DataTableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  rowClass?: (row: Row) => string;
  expanded?: { key: string | null; content: (row: Row) => ReactNode };
  empty: string;
  initialSort?: { key: string; descending: boolean };
}

interface Sort {
  key: string;
  descending: boolean;
}

function sorted<Row>(rows: Row[], columns: Column<Row>[], sort: Sort | null): Row[] {
  const order = columns.find((column) => column.key === sort?.key)?.order;
  if (!sort || !order) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    // What is not known stands last, whichever way the column is sorted.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return typeof left === 'string' || typeof right === 'string'
      ? sign * String(left).localeCompare(String(right))
      : sign * (left - right);
  });
}

/** Fixed column widths: a number that gains a digit moves nothing else. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, rowClass, expanded } = props;
  const [sort, setSort] = useState<Sort | null>(props.initialSort ?? null);
  const shown = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort]);
  const scroller = useRef<HTMLElement>(null);
  const { first, end } = useRowWindow(scroller, shown.length, expanded === undefined);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard.
    <section ref={scroller} className="table-scroll" tabIndex={0} aria-label={props.caption}>
      <table style={{ minWidth: width }} aria-rowcount={shown.length + 1}>
        <caption className="visually-hidden">{props.caption}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={{ width: `${(column.width / width) * 100}%` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Room rows={first} />
          {shown.slice(first, end).map((row) => {
            const key = rowKey(row);
            const open = expanded?.key === key;
            return (
              <BodyRows
                key={key}
                row={row}
                columns={columns as Column<unknown>[]}
                className={rowClass?.(row) ?? ''}
                detail={open ? expanded.content(row) : null}
              />
            );
          })}
          <Room rows={shown.length - end} />
        </tbody>
      </table>
      {shown.length === 0 && <p className="empty">{props.empty}</p>}
    </section>
  );
}

function Room({ rows }: { rows: number }) {
  if (rows === 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus.
    <tr aria-hidden="true">
      <td style={{ height: rows * ROW_HEIGHT_PX }} />
    </tr>
  );
}

interface BodyRowsProps {
  row: unknown;
  columns: Column<unknown>[];
  className: string;
  detail: ReactNode;
}

const BodyRows = memo(function BodyRows({ row, columns, className, detail }: BodyRowsProps) {
  return (
    <>
      <tr className={className}>
        {columns.map((column, index) => {
          const Cell = index === 0 ? 'th' : 'td';
          return (
            <Cell
              key={column.key}
              className={`align-${column.align ?? 'end'}`}
              {...(index === 0 ? { scope: 'row' } : {})}
            >
              {column.cell(row)}
            </Cell>
          );
        })}
      </tr>
      {detail !== null && (
        <tr className="row-detail">
          <td colSpan={columns.length}>{detail}</td>
        </tr>
      )}
    </>
  );
});

function HeaderCell<Row>(props: {
  column: Column<Row>;
  sort: Sort | null;
  onSort: (sort: Sort) => void;
}) {
  const { column, sort, onSort } = props;
  const active = sort?.key === column.key;
  const direction = sort?.descending ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      className={`align-${column.align ?? 'end'}`}
      title={column.title}
      aria-sort={active ? direction : undefined}
    >
      {column.order ? (
        <button
          type="button"
          className="sort"
          onClick={() => onSort({ key: column.key, descending: active ? !sort.descending : true })}
        >
          {column.label}
          <span className="sort-mark" aria-hidden="true">
            {active ? (sort.descending ? '▾' : '▴') : ''}
          </span>
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}
