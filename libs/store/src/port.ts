import type { Readiness } from '@cerberus/runtime';

/**
 * What a statement takes. A `Decimal` is a scaled bigint: hand it over as `formatDecimal(value)` to a
 * NUMERIC column. Moments are BIGINT microseconds. JSON is `JSON.stringify(value)` to JSONB.
 */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Buffer
  | readonly (string | number | bigint | boolean | null)[];

export interface QueryResult<Row> {
  /** BIGINT arrives as bigint, NUMERIC and the date types as text, so that no digit is lost. */
  readonly rows: readonly Row[];
  /** Rows returned or changed. */
  readonly count: number;
}

export interface Queryable {
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly SqlValue[],
  ): Promise<QueryResult<Row>>;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /**
   * How often the work is done anew after a conflict with a concurrent transaction; 0 unless given,
   * as the work must then have no effect but its statements.
   */
  readonly retries?: number;
}

/** One forward step of a schema. Once applied anywhere it is never changed; a new number is added. */
export interface Migration {
  /** 1, 2, 3 … within its name space, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export interface MigrationOutcome {
  readonly applied: readonly number[];
  readonly version: number;
}

/**
 * The relational store: PostgreSQL, embedded or external. Failures are thrown as `CerberusError` with
 * a code of `STORE_ERRORS`; `COMMIT_UNKNOWN` alone leaves open whether the work was done.
 */
export interface Store extends Queryable {
  /** Commits when the work resolves, rolls back when it rejects. Durable once resolved. */
  transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Brings the tables of one owner to the newest version; instances starting together do it once. */
  migrate(namespace: string, migrations: readonly Migration[]): Promise<MigrationOutcome>;
  ready(): Readiness;
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
}
