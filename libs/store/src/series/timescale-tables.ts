import {
  DAY_US,
  INTERVAL_US,
  type RollUp,
  rollUpColumns,
  rollUpTable,
  SCHEMA,
  type SeriesDefinition,
  SQL_TYPE,
  tablesOf,
} from './definition.ts';

/** How often a continuous aggregate is brought up to date; reads add what is newer by themselves. */
const REFRESH = "INTERVAL '1 minute'";

/** The same tables on TimescaleDB: a hypertable and continuous aggregates. `extension` is its schema. */
export function timescaleTables(series: SeriesDefinition, extension: string): string {
  const keys = series.key.map(({ name }) => name);
  const lines = [
    ...keys.map((name) => `${name} text NOT NULL`),
    'time bigint NOT NULL',
    ...series.columns.map(({ name, type }) => `${name} ${SQL_TYPE[type]}`),
    `PRIMARY KEY (${[...keys, 'time'].join(', ')})`,
  ];
  const table = `'${SCHEMA}.${series.name}'`;
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`,
    `CREATE OR REPLACE FUNCTION ${SCHEMA}.now_us() RETURNS bigint LANGUAGE sql STABLE AS $now$ SELECT (extract(epoch FROM now()) * 1000000)::bigint $now$`,
    `CREATE TABLE ${SCHEMA}.${series.name} (\n  ${lines.join(',\n  ')}\n)`,
    `SELECT ${extension}.create_hypertable(${table}, ${extension}.by_range('time', ${series.chunkDays * DAY_US}))`,
    `SELECT ${extension}.set_integer_now_func(${table}, '${SCHEMA}.now_us')`,
    ...series.rollUps.map((rollUp) => continuousAggregate(series, rollUp, extension)),
  ];
  return `${statements.join(';\n')};`;
}

/** Every level straight from the rows: its refresh stays within what is kept of them. */
function continuousAggregate(
  series: SeriesDefinition,
  { interval }: RollUp,
  extension: string,
): string {
  const keys = series.key.map(({ name }) => name);
  const bucket = `${extension}.time_bucket(${INTERVAL_US[interval]}::bigint, "time")`;
  const columns = rollUpColumns(series).map((column) => {
    return `${expression(column, extension)} AS ${column.name}`;
  });
  const { rollUpOf } = series;
  const where =
    rollUpOf === undefined ? '' : `\nWHERE ${rollUpOf.column} = ${literal(rollUpOf.value)}`;
  return `CREATE MATERIALIZED VIEW ${SCHEMA}.${rollUpTable(series, interval)}
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT ${[...keys, `${bucket} AS bucket`, 'count(*) AS samples', ...columns].join(', ')}
FROM ${SCHEMA}.${series.name}${where}
GROUP BY ${[...keys, bucket].join(', ')}
WITH NO DATA`;
}

function expression(
  { of, kind, type }: ReturnType<typeof rollUpColumns>[number],
  extension: string,
): string {
  switch (kind) {
    case 'first':
    case 'last':
      return `${extension}.${kind}(${of}, "time") FILTER (WHERE ${of} IS NOT NULL)`;
    case 'sum':
      return `sum(${of})::${SQL_TYPE[type]}`;
    case 'count':
    case 'min':
    case 'max':
      return `${kind}(${of})`;
  }
}

/**
 * Policies follow the configuration: taken away and set anew at each start, all in one transaction.
 * The refresh reaches back over days of late rows, but never to where raw rows may be gone: it would
 * compute those buckets from nothing.
 */
export function timescalePolicies(series: SeriesDefinition, extension: string): string {
  const statements = tablesOf(series).flatMap(({ name, keepUs }) => {
    const table = `'${SCHEMA}.${name}'`;
    const remove = `SELECT ${extension}.remove_retention_policy(${table}, if_exists => true)`;
    if (keepUs === undefined) return [remove];
    return [
      remove,
      `SELECT ${extension}.add_retention_policy(${table}, drop_after => ${keepUs}::bigint)`,
    ];
  });
  for (const { interval } of series.rollUps) {
    const view = `'${SCHEMA}.${rollUpTable(series, interval)}'`;
    const size = INTERVAL_US[interval];
    statements.push(
      `SELECT ${extension}.remove_continuous_aggregate_policy(${view}, if_exists => true)`,
      `SELECT ${extension}.add_continuous_aggregate_policy(${view}, start_offset => ${refreshFromUs(series)}::bigint, end_offset => ${size}::bigint, schedule_interval => ${REFRESH})`,
    );
  }
  return `${statements.join(';\n')};`;
}

const REFRESH_DAYS_MOST = 30;

/** A day less than raw rows are kept; at least six, as they are kept a week or longer. */
function refreshFromUs({ keepDays }: SeriesDefinition): number {
  return Math.min((keepDays ?? Number.POSITIVE_INFINITY) - 1, REFRESH_DAYS_MOST) * DAY_US;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
