export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts';
export { isUniqueViolation, STORE_ERRORS } from './errors.ts';
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
export { STORE_SECTION, type StoreConfig, storePort } from './store-port.ts';
