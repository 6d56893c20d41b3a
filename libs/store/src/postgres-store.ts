import { CerberusError, type Clock, faultOf, invariant, type TimerHandle } from '@cerberus/core';
import {
  type Logger,
  type Metrics,
  messageOf,
  notReady,
  READY,
  type Readiness,
} from '@cerberus/runtime';
import pg, { type CustomTypesConfig } from 'pg';
import { STORE_ERRORS } from './errors.ts';
import { commit, Lease, run } from './lease.ts';
import { applyMigrations } from './migrations.ts';
import type {
  Migration,
  MigrationOutcome,
  Queryable,
  QueryResult,
  SqlValue,
  Store,
  TransactionOptions,
} from './port.ts';
import { storeFailure } from './sql-failure.ts';

/** Queries that may wait for a connection; one more is refused. */
const WAITING_LIMIT = 1000;
const HEALTH_PERIOD_MS = 2000;
const LOCK_TIMEOUT_MS = 10_000;
/**
 * Writes a temporary file of some megabytes, as what does not fit `work_mem` is spilled: fails while
 * the disk is full, and leaves nothing behind. The setting ends with the implicit transaction.
 */
const DISK_PROBE =
  "SET LOCAL work_mem = '64kB'; SELECT count(*) FROM generate_series(1, 200000) AS spilled";
const MIGRATION_TIMEOUT_MS = 3_600_000;

export interface PostgresConnection {
  readonly connectionString?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

export interface PostgresStoreOptions {
  readonly connection: PostgresConnection;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const BIGINT_OID = 20;
/** date, timestamp, timestamptz: text keeps the microseconds that a `Date` would cut. */
const TEXT_OIDS = new Set([1082, 1114, 1184]);

/** BIGINT as bigint; text where a JavaScript type would lose digits. */
const TYPES = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === BIGINT_OID) return (text: string) => BigInt(text);
    if (TEXT_OIDS.has(oid)) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

/** The port over a pool of connections; the same for an embedded and an external server. */
export class PostgresStore implements Store {
  readonly #pool: InstanceType<typeof pg.Pool>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #observe: (durationMs: number) => void;
  readonly #health: TimerHandle;
  #state: Readiness = notReady('not yet connected');
  #isChecking = false;
  #isDiskFull = false;
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  private constructor(options: PostgresStoreOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#pool = new pg.Pool({
      ...options.connection,
      application_name: 'cerberus',
      max: options.poolSize,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: options.statementTimeoutMs * 2,
      lock_timeout: LOCK_TIMEOUT_MS,
      // A server that is gone without a word must not hold a query for ever.
      query_timeout: options.statementTimeoutMs + options.connectTimeoutMs,
      keepAlive: true,
      options: '-c timezone=UTC',
      types: TYPES as unknown as CustomTypesConfig,
    });
    this.#pool.on('error', (error) => {
      if (this.#closed !== undefined) return;
      this.#log.warn({ reason: messageOf(error) }, 'an idle connection to PostgreSQL was lost');
      this.#state = notReady(messageOf(error));
    });
    const histogram = options.metrics.histogram(
      'store_query_seconds',
      'Time of one statement, waiting included',
    );
    this.#observe = (durationMs) => histogram.observe(durationMs / 1000);
    options.metrics.gaugeOf(
      'store_queries_waiting',
      'Queries waiting for a connection',
      () => this.#pool.waitingCount,
    );
    this.#health = this.#clock.every(HEALTH_PERIOD_MS, () => void this.#check());
  }

  /** Connects once, so that a wrong address or password is known at start. */
  static async connect(options: PostgresStoreOptions): Promise<PostgresStore> {
    const store = new PostgresStore(options);
    try {
      await store.query('SELECT 1');
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params: readonly SqlValue[] = [],
  ): Promise<QueryResult<Row>> {
    return this.#track(this.#query<Row>(sql, params));
  }

  transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.#track(this.#transact(work, options));
  }

  async #query<Row extends object>(
    sql: string,
    params: readonly SqlValue[],
  ): Promise<QueryResult<Row>> {
    this.#refuseOverload();
    const startedMs = this.#clock.monotonicMs();
    try {
      const result = await run<Row>(this.#pool, sql, params);
      this.#answered();
      return result;
    } catch (error) {
      throw this.#note(error);
    } finally {
      this.#observe(this.#clock.monotonicMs() - startedMs);
    }
  }

  async #transact<T>(
    work: (transaction: Queryable) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#transactOnce(work, options);
      } catch (error) {
        const isConflict =
          error instanceof CerberusError && error.code === STORE_ERRORS.CONFLICT.code;
        if (!isConflict || attempt >= (options.retries ?? 0)) throw error;
      }
    }
  }

  migrate(namespace: string, migrations: readonly Migration[]): Promise<MigrationOutcome> {
    const migration = this.#withLease(async (lease) => {
      // Its settings, and on failure its lock, end with this connection.
      lease.discard();
      const connection = lease.withTimeout(MIGRATION_TIMEOUT_MS);
      // Waiting for another instance's migrations, or a long one of our own, is no fault.
      await connection.query('SET statement_timeout = 0');
      await connection.query('SET lock_timeout = 0');
      const outcome = await applyMigrations(connection, namespace, migrations);
      if (outcome.applied.length > 0) this.#log.info({ namespace, ...outcome }, 'schema migrated');
      return outcome;
    });
    return this.#track(migration);
  }

  ready(): Readiness {
    return this.#closed === undefined ? this.#state : notReady('closed');
  }

  close(): Promise<void> {
    this.#health.cancel();
    const closed = this.#closed ?? this.#finish();
    this.#closed = closed;
    return closed;
  }

  /** The pool itself would forget what was asked for just before. */
  async #finish(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await this.#pool.end();
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const done = (): void => {
      this.#running.delete(work);
    };
    this.#running.add(work);
    work.then(done, done);
    return work;
  }

  #transactOnce<T>(
    work: (transaction: Queryable) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    return this.#withLease(async (lease) => {
      await lease.query(`BEGIN ISOLATION LEVEL ${options.isolation ?? 'read committed'}`);
      let isOpen = true;
      const transaction: Queryable = {
        query: (sql, params) => {
          invariant(isOpen, 'a transaction is used only while its work runs');
          return lease.query(sql, params);
        },
      };
      let result: T;
      try {
        result = await work(transaction);
      } catch (error) {
        isOpen = false;
        // A connection that cannot even roll back is thrown away: its server then rolls back.
        await lease.query('ROLLBACK').catch(() => lease.discard());
        throw error;
      }
      isOpen = false;
      await commit(lease);
      return result;
    });
  }

  async #withLease<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    this.#refuseOverload();
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw this.#note(error);
    });
    const lease = new Lease(client, (error) => this.#note(error));
    try {
      const result = await work(lease);
      this.#answered();
      return result;
    } finally {
      lease.release();
    }
  }

  async #check(): Promise<void> {
    if (this.#isChecking || this.#pool.waitingCount > 0) return;
    this.#isChecking = true;
    try {
      await run(this.#pool, this.#isDiskFull ? DISK_PROBE : 'SELECT 1', []);
      if (this.#isDiskFull) this.#log.info('the disk of PostgreSQL has room again');
      this.#isDiskFull = false;
      this.#state = READY;
    } catch (error) {
      this.#note(error);
    } finally {
      this.#isChecking = false;
    }
  }

  #note(error: unknown): CerberusError {
    const failure = storeFailure(error);
    if (failure.code === STORE_ERRORS.DISK_FULL.code) this.#noteFullDisk(failure.message);
    if (failure.code === STORE_ERRORS.UNAVAILABLE.code) this.#state = notReady(failure.message);
    return failure;
  }

  /** What reads goes on with a full disk: only the probe of the health check says that it is over. */
  #answered(): void {
    if (!this.#isDiskFull) this.#state = READY;
  }

  #noteFullDisk(message: string): void {
    if (!this.#isDiskFull) this.#log.error(message);
    this.#isDiskFull = true;
    this.#state = notReady(message);
  }

  #refuseOverload(): void {
    if (this.#closed !== undefined) {
      throw new CerberusError(
        faultOf(STORE_ERRORS.UNAVAILABLE, { message: 'the store is closed' }),
      );
    }
    if (this.#pool.waitingCount < WAITING_LIMIT) return;
    throw new CerberusError(
      faultOf(STORE_ERRORS.OVERLOADED, {
        message: `${WAITING_LIMIT} queries wait for a connection already`,
      }),
    );
  }
}
