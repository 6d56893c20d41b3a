import { expect, test } from '@jest/globals';
import { defineSeries } from '../../src/index.ts';
import { timescalePolicies, timescaleTables } from '../../src/series/timescale-tables.ts';

/*
 * Not run against a server, as no package of TimescaleDB is to be had here: the statements are held
 * to the form that its reference gives (create_hypertable with by_range, set_integer_now_func,
 * CREATE MATERIALIZED VIEW … timescaledb.continuous, add_continuous_aggregate_policy and
 * add_retention_policy with integer times, of 2.13 and later).
 */
const SERIES = defineSeries({
  name: 'price',
  key: [{ name: 'symbol', type: 'text' }],
  columns: [
    { name: 'price', type: 'double', rollUp: ['first', 'last', 'max', 'mean'] },
    { name: 'size', type: 'decimal', rollUp: ['sum'] },
    { name: 'version', type: 'integer' },
  ],
  revision: 'version',
  ...{ chunkDays: 1, keepDays: 14 },
  rollUps: [
    { interval: '1m', chunkDays: 7, keepDays: 90 },
    { interval: '1d', chunkDays: 365 },
  ],
  rollUpOf: { column: 'symbol', value: "it's" },
});

test('tables, hypertable and continuous aggregates', () => {
  expect(timescaleTables(SERIES, 'ts').split(';\n')).toEqual([
    'CREATE SCHEMA IF NOT EXISTS series',
    'CREATE OR REPLACE FUNCTION series.now_us() RETURNS bigint LANGUAGE sql STABLE AS $now$ SELECT (extract(epoch FROM now()) * 1000000)::bigint $now$',
    `CREATE TABLE series.price (
  symbol text NOT NULL,
  time bigint NOT NULL,
  price double precision,
  size numeric(38, 18),
  version bigint,
  PRIMARY KEY (symbol, time)
)`,
    "SELECT ts.create_hypertable('series.price', ts.by_range('time', 86400000000))",
    "SELECT ts.set_integer_now_func('series.price', 'series.now_us')",
    ...[
      ['1m', 60_000_000],
      ['1d', 86_400_000_000],
    ].map(
      ([interval, size]) => `CREATE MATERIALIZED VIEW series.price_${interval}
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT symbol, ts.time_bucket(${size}::bigint, "time") AS bucket, count(*) AS samples, ts.first(price, "time") FILTER (WHERE price IS NOT NULL) AS price_first, ts.last(price, "time") FILTER (WHERE price IS NOT NULL) AS price_last, max(price) AS price_max, sum(price)::double precision AS price_sum, count(price) AS price_count, sum(size)::numeric(38, 18) AS size_sum
FROM series.price
WHERE symbol = 'it''s'
GROUP BY symbol, ts.time_bucket(${size}::bigint, "time")
WITH NO DATA${interval === '1d' ? ';' : ''}`,
    ),
  ]);
});

test('policies: retention as configured, refreshes that never reach where raw rows are gone', () => {
  const day = 86_400_000_000;
  expect(timescalePolicies(SERIES, 'ts').split(';\n')).toEqual([
    "SELECT ts.remove_retention_policy('series.price', if_exists => true)",
    `SELECT ts.add_retention_policy('series.price', drop_after => ${14 * day}::bigint)`,
    "SELECT ts.remove_retention_policy('series.price_1m', if_exists => true)",
    `SELECT ts.add_retention_policy('series.price_1m', drop_after => ${90 * day}::bigint)`,
    "SELECT ts.remove_retention_policy('series.price_1d', if_exists => true)",
    "SELECT ts.remove_continuous_aggregate_policy('series.price_1m', if_exists => true)",
    `SELECT ts.add_continuous_aggregate_policy('series.price_1m', start_offset => ${13 * day}::bigint, end_offset => 60000000::bigint, schedule_interval => INTERVAL '1 minute')`,
    "SELECT ts.remove_continuous_aggregate_policy('series.price_1d', if_exists => true)",
    `SELECT ts.add_continuous_aggregate_policy('series.price_1d', start_offset => ${13 * day}::bigint, end_offset => ${day}::bigint, schedule_interval => INTERVAL '1 minute');`,
  ]);
});
