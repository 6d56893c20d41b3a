import { CerberusError, faultOf } from '@cerberus/core';
import { messageOf } from '@cerberus/runtime';
import type { QueryResult as DatabaseResult, Pool, PoolClient } from 'pg';
import { STORE_ERRORS } from './errors.ts';
import type { Queryable, QueryResult, SqlValue } from './port.ts';
import { isConnectionLost } from './sql-failure.ts';
import { statementName } from './statement-names.ts';

/** One connection while it is out of the pool. */
export class Lease implements Queryable {
  readonly #client: PoolClient;
  readonly #note: (error: unknown) => CerberusError;
  #isDiscarded = false;

  constructor(client: PoolClient, note: (error: unknown) => CerberusError) {
    this.#client = client;
    this.#note = note;
    client.on('error', this.discard);
  }

  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params: readonly SqlValue[] = [],
  ): Promise<QueryResult<Row>> {
    return this.#run(sql, params, undefined);
  }

  withTimeout(timeoutMs: number): Queryable {
    return { query: (sql, params = []) => this.#run(sql, params, timeoutMs) };
  }

  /** The connection does not go back to the pool. */
  readonly discard = (): void => {
    this.#isDiscarded = true;
  };

  release(): void {
    this.#client.off('error', this.discard);
    this.#client.release(this.#isDiscarded);
  }

  async #run<Row extends object>(
    sql: string,
    params: readonly SqlValue[],
    timeoutMs: number | undefined,
  ): Promise<QueryResult<Row>> {
    try {
      return await run<Row>(this.#client, sql, params, timeoutMs);
    } catch (error) {
      if (isConnectionLost(error)) this.discard();
      throw this.#note(error);
    }
  }
}

export async function commit(lease: Lease): Promise<void> {
  let command: string | undefined;
  try {
    ({ command } = (await lease.query('COMMIT')) as Answer<object>);
  } catch (error) {
    const cause = error instanceof CerberusError ? error.cause : error;
    if (!isConnectionLost(cause)) throw error;
    const message = `${STORE_ERRORS.COMMIT_UNKNOWN.title.toLowerCase()}: ${messageOf(cause)}`;
    throw new CerberusError(faultOf(STORE_ERRORS.COMMIT_UNKNOWN, { message }), { cause });
  }
  if (command === 'COMMIT') return;
  // The work swallowed the error of a statement: the server then answers ROLLBACK, and no error.
  throw new CerberusError(
    faultOf(STORE_ERRORS.STATEMENT_INVALID, {
      message: 'the transaction was rolled back, as a statement in it had failed',
    }),
  );
}

interface Answer<Row> extends QueryResult<Row> {
  readonly command: string;
}

export async function run<Row extends object>(
  target: InstanceType<typeof Pool> | PoolClient,
  sql: string,
  params: readonly SqlValue[],
  timeoutMs?: number,
): Promise<Answer<Row>> {
  const statement = { text: sql, ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs }) };
  // Without parameters the simple protocol is used, which takes several statements at once.
  const result = await (params.length === 0
    ? target.query<Row>(statement)
    : target.query<Row>({ ...statement, ...statementName(sql), values: [...params] }));
  const last = Array.isArray(result) ? (result.at(-1) as DatabaseResult<Row>) : result;
  return { rows: last.rows, count: last.rowCount ?? 0, command: last.command };
}
