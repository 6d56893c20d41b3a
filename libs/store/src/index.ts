export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts';
export { isPassing, isUniqueViolation, STORE_ERRORS } from './errors.ts';
export { Gathered, type GatheredOptions } from './gathered.ts';
export {
  HISTORY_METRICS,
  HISTORY_RETENTION,
  type HistoryRetention,
  type HistorySeriesName,
  historySeries,
  QUALITY_RANK,
} from './history/history-series.ts';
export { readMigrations } from './migrations.ts';
export type {
  Migration,
  MigrationOutcome,
  Queryable,
  QueryResult,
  SqlValue,
  Store,
  TransactionOptions,
} from './port.ts';
export {
  type PostgresConnection,
  PostgresStore,
  type PostgresStoreOptions,
} from './postgres-store.ts';
export type { SeriesRow, SeriesValue } from './series/batch.ts';
export {
  type Aggregate,
  type ColumnType,
  defineSeries,
  INTERVAL_US,
  type RollUp,
  type RollUpInterval,
  type SeriesColumn,
  type SeriesDefinition,
} from './series/definition.ts';
export type { SeriesEngine } from './series/engine.ts';
export {
  readSeries,
  type SeriesInterval,
  type SeriesPoint,
  type SeriesPosition,
  type SeriesQuery,
} from './series/read-series.ts';
export {
  type SeriesSettings,
  SeriesStore,
  type SeriesStoreOptions,
} from './series/series-store.ts';
export type { SeriesWriterSettings, WriteOutcome } from './series/series-writer.ts';
export { STORE_SECTION, type StoreConfig, storePort } from './store-port.ts';
