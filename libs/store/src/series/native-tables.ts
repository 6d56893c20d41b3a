import {
  type ChunkedTable,
  INTERVAL_US,
  rollUpColumns,
  rollUpTable,
  SCHEMA,
  type SeriesDefinition,
  SQL_TYPE,
  tablesOf,
} from './definition.ts';

/** Tables of a series on any PostgreSQL: partitioned by time, its roll-ups too, and what is due. */
export function nativeTables(series: SeriesDefinition): string {
  const [raw, ...levels] = tablesOf(series) as [ChunkedTable, ...ChunkedTable[]];
  const keys = series.key.map(({ name }) => `${name} text NOT NULL`);
  const columns = series.columns.map(({ name, type }) => `${name} ${SQL_TYPE[type]}`);
  const rolled = rollUpColumns(series).map(({ name, type }) => `${name} ${SQL_TYPE[type]}`);
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`,
    partitioned(series, raw, [...keys, 'time bigint NOT NULL', ...columns]),
    ...levels.map((level) =>
      partitioned(series, level, [
        ...keys,
        'bucket bigint NOT NULL',
        'samples bigint NOT NULL',
        ...rolled,
      ]),
    ),
  ];
  if (levels.length > 0) {
    // Appended with the rows and taken away by the roll-up: no key, so writers never wait for it.
    statements.push(
      `CREATE TABLE ${SCHEMA}.${series.name}_due (\n  level smallint NOT NULL,\n  ${[...keys, 'bucket bigint NOT NULL'].join(',\n  ')}\n)`,
    );
  }
  return `${statements.join(';\n')};`;
}

/** The length of a chunk is stated: a migration that is not the one applied is refused. */
function partitioned(
  series: SeriesDefinition,
  { name, time, chunkUs }: ChunkedTable,
  columns: readonly string[],
): string {
  const key = [...series.key.map((column) => column.name), time].join(', ');
  const lines = [...columns, `PRIMARY KEY (${key})`].join(',\n  ');
  return `CREATE TABLE ${SCHEMA}.${name} (\n  ${lines}\n) PARTITION BY RANGE (${time}) -- ${chunkUs} microseconds each\n`;
}

/**
 * Takes what is due of one level, at most `$1` marks, computes those buckets anew and whole from the
 * level below, and marks what follows from them. One statement has one snapshot: the rows behind a
 * mark it sees are seen too, as they were written together. Doing it twice gives the same rows.
 */
export function rollUpStatement(series: SeriesDefinition, level: number): string {
  const { key, rollUps } = series;
  const rollUp = rollUps[level - 1]!;
  const below = level === 1 ? undefined : rollUps[level - 2];
  const source = below === undefined ? series.name : rollUpTable(series, below.interval);
  const time = below === undefined ? 'time' : 'bucket';
  const size = INTERVAL_US[rollUp.interval];
  const keys = key.map(({ name }) => name);
  const columns = rollUpColumns(series);
  const names = columns.map(({ name }) => name);
  const joined = keys.map((name) => `source.${name} = wanted.${name}`).join(' AND ');
  const wanted = [...keys, 'bucket'].map((name) => `wanted.${name}`).join(', ');
  const samples = below === undefined ? 'count(*)' : 'sum(source.samples)::bigint';
  const values = columns.map((column) => expression(column, below !== undefined, time));
  const updated = ['samples', ...names].map((name) => `${name} = excluded.${name}`).join(', ');
  const above = rollUps[level];
  const follow =
    above === undefined
      ? ''
      : `, follow AS (
  INSERT INTO ${SCHEMA}.${series.name}_due (level, ${keys.join(', ')}, bucket)
  SELECT DISTINCT ${level + 1}, ${keys.join(', ')}, bucket - bucket % ${INTERVAL_US[above.interval]} FROM rolled
)`;
  return `WITH taken AS (
  DELETE FROM ${SCHEMA}.${series.name}_due WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${SCHEMA}.${series.name}_due WHERE level = ${level} LIMIT $1))
  RETURNING ${keys.join(', ')}, bucket
), wanted AS (
  SELECT DISTINCT ${keys.join(', ')}, bucket FROM taken
), rolled AS (
  INSERT INTO ${SCHEMA}.${rollUpTable(series, rollUp.interval)} (${[...keys, 'bucket', 'samples', ...names].join(', ')})
  SELECT ${[wanted, samples, ...values].join(', ')}
  FROM wanted JOIN ${SCHEMA}.${source} AS source ON ${joined}
    AND source.${time} >= wanted.bucket AND source.${time} < wanted.bucket + ${size}
  GROUP BY ${wanted}
  ON CONFLICT (${[...keys, 'bucket'].join(', ')}) DO UPDATE SET ${updated}
  RETURNING ${[...keys, 'bucket'].join(', ')}
)${follow}
SELECT (SELECT count(*) FROM taken) AS taken, (SELECT count(*) FROM rolled) AS rolled`;
}

function expression(
  { name, of, kind, type }: ReturnType<typeof rollUpColumns>[number],
  isRolled: boolean,
  time: string,
): string {
  const column = `source.${isRolled ? name : of}`;
  switch (kind) {
    case 'first':
    case 'last': {
      const order = `source.${time}${kind === 'first' ? '' : ' DESC'}`;
      return `(array_agg(${column} ORDER BY ${order}) FILTER (WHERE ${column} IS NOT NULL))[1]`;
    }
    case 'count':
      return isRolled ? `sum(${column})::bigint` : `count(${column})`;
    case 'sum':
      return `sum(${column})::${SQL_TYPE[type]}`;
    case 'min':
    case 'max':
      return `${kind}(${column})`;
  }
}
