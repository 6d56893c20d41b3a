import { type Clock, formatDecimal } from '@cerberus/core';
import type { Migration, Store } from '@cerberus/store';
import type { WorkingOrder } from './working-order.ts';

const NAMESPACE = 'execution';

const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'intents and emitter term',
    sql: `
      CREATE SCHEMA IF NOT EXISTS execution;
      CREATE TABLE execution.emitter_term (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        token bigint NOT NULL,
        instance_id text NOT NULL,
        since bigint NOT NULL
      );
      CREATE TABLE execution.intents (
        client_order_id text PRIMARY KEY,
        decision_id text NOT NULL,
        order_id text NOT NULL,
        account_id text NOT NULL,
        instrument_id text NOT NULL,
        venue text NOT NULL,
        side text NOT NULL,
        quantity numeric(38, 18) NOT NULL,
        limit_price numeric(38, 18),
        token bigint NOT NULL,
        written_us bigint NOT NULL
      );`,
  },
];

/** What came of writing an intent. */
export type IntentOutcome = 'written' | 'exists' | 'superseded';

/**
 * The relational barrier: an intent row stands before anything is sent, its client order id is
 * unique, and a token below the highest ever seen writes nothing. It also keeps the highest token
 * where a wiped coordination service cannot lose it.
 */
export class IntentLedger {
  readonly #store: Store;

  readonly #clock: Pick<Clock, 'nowUs'>;

  constructor(store: Store, clock: Pick<Clock, 'nowUs'>) {
    this.#store = store;
    this.#clock = clock;
  }

  async migrate(): Promise<void> {
    await this.#store.migrate(NAMESPACE, MIGRATIONS);
  }

  /** False where a higher token has been claimed: this candidate must not start. */
  async claimTerm(token: number, instanceId: string): Promise<boolean> {
    const claimed = await this.#store.query(
      `INSERT INTO execution.emitter_term AS term (singleton, token, instance_id, since)
       VALUES (true, $1, $2, $3)
       ON CONFLICT (singleton) DO UPDATE
         SET token = excluded.token, instance_id = excluded.instance_id, since = excluded.since
         WHERE term.token < excluded.token
       RETURNING token`,
      [token, instanceId, this.#clock.nowUs()],
    );
    return claimed.count === 1;
  }

  async write(order: WorkingOrder, token: number): Promise<IntentOutcome> {
    const written = await this.#store.query(
      `INSERT INTO execution.intents (client_order_id, decision_id, order_id, account_id,
         instrument_id, venue, side, quantity, limit_price, token, written_us)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8::numeric, $9::numeric, $10::bigint, $11::bigint
       WHERE $10::bigint >= (SELECT token FROM execution.emitter_term)
       ON CONFLICT (client_order_id) DO NOTHING
       RETURNING client_order_id`,
      [
        order.clientOrderId,
        order.decisionId,
        order.orderId,
        order.accountId,
        order.instrumentId,
        order.venue,
        order.side,
        formatDecimal(order.quantity),
        order.limitPrice === null ? null : formatDecimal(order.limitPrice),
        token,
        this.#clock.nowUs(),
      ],
    );
    if (written.count === 1) return 'written';
    const existing = await this.#store.query<{ current: boolean }>(
      `SELECT $2::bigint >= (SELECT token FROM execution.emitter_term) AS current
       FROM execution.intents WHERE client_order_id = $1`,
      [order.clientOrderId, token],
    );
    return existing.rows[0]?.current === true ? 'exists' : 'superseded';
  }
}
