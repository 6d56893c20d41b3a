import { type Clock, formatDecimal, invariant } from '@cerberus/core';
import { Gathered, type Migration, type Store } from '@cerberus/store';
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
  {
    version: 2,
    name: 'sign of life of the emitter',
    sql: `
      ALTER TABLE execution.emitter_term
        ADD COLUMN alive_at timestamptz NOT NULL DEFAULT clock_timestamp();`,
  },
];

/** What came of claiming a term. */
export type TermClaim =
  | { readonly claimed: true }
  | {
      readonly claimed: false;
      /** The highest token ever claimed, by whom, and how long that one has given no sign of life. */
      readonly highest: number;
      readonly holder: string;
      readonly silentMs: number;
    };

/** What came of writing an intent. `exists`: an earlier term wrote it, and may have sent it. */
export type IntentOutcome = 'written' | 'exists' | 'superseded';

interface Intent {
  readonly order: WorkingOrder;
  readonly token: number;
}

/**
 * The relational barrier: an intent row stands before anything is sent, its client order id is
 * unique, and a token below the highest ever seen writes nothing. It also keeps the highest token
 * where a wiped coordination service cannot lose it.
 */
export class IntentLedger {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #writes: Gathered<Intent, IntentOutcome>;

  constructor(store: Store, clock: Pick<Clock, 'nowUs'>) {
    this.#store = store;
    this.#clock = clock;
    this.#writes = new Gathered({
      run: (intents) => this.#write(intents),
      keyOf: ({ order }) => order.clientOrderId,
    });
  }

  async migrate(): Promise<void> {
    await this.#store.migrate(NAMESPACE, MIGRATIONS);
  }

  /** Refused where a token as high has been claimed: this candidate must not start. */
  async claimTerm(token: number, instanceId: string): Promise<TermClaim> {
    const claimed = await this.#store.query(
      `INSERT INTO execution.emitter_term AS term (singleton, token, instance_id, since)
       VALUES (true, $1, $2, $3)
       ON CONFLICT (singleton) DO UPDATE
         SET token = excluded.token, instance_id = excluded.instance_id, since = excluded.since,
             alive_at = clock_timestamp()
         WHERE term.token < excluded.token
       RETURNING token`,
      [token, instanceId, this.#clock.nowUs()],
    );
    if (claimed.count === 1) return { claimed: true };
    const { rows } = await this.#store.query<{ token: bigint; holder: string; silent: bigint }>(
      `SELECT token, instance_id AS holder,
         (extract(epoch FROM clock_timestamp() - alive_at) * 1000)::bigint AS silent
       FROM execution.emitter_term`,
    );
    const [row] = rows;
    invariant(row !== undefined, 'a token that is too low was compared with one');
    const { holder, silent } = row;
    return { claimed: false, highest: Number(row.token), holder, silentMs: Number(silent) };
  }

  /** False where another has claimed a higher token. */
  async keepAlive(token: number): Promise<boolean> {
    const kept = await this.#store.query(
      'UPDATE execution.emitter_term SET alive_at = clock_timestamp() WHERE token = $1',
      [token],
    );
    return kept.count === 1;
  }

  write(order: WorkingOrder, token: number): Promise<IntentOutcome> {
    return this.#writes.ask({ order, token });
  }

  async #write(intents: readonly Intent[]): Promise<IntentOutcome[]> {
    const column = <V>(of: (order: WorkingOrder) => V) => intents.map(({ order }) => of(order));
    const ids = column(({ clientOrderId }) => clientOrderId);
    const tokens = intents.map(({ token }) => token);
    const { rows } = await this.#store.query<{ id: string }>(
      `INSERT INTO execution.intents (client_order_id, decision_id, order_id, account_id,
         instrument_id, venue, side, quantity, limit_price, token, written_us)
       SELECT asked.*, $11::bigint
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
         $7::text[], $8::numeric[], $9::numeric[], $10::bigint[]) AS asked(id, decision_id,
         order_id, account_id, instrument_id, venue, side, quantity, limit_price, token)
       WHERE asked.token >= (SELECT token FROM execution.emitter_term)
       ON CONFLICT (client_order_id) DO NOTHING
       RETURNING client_order_id AS id`,
      [
        ids,
        column(({ decisionId }) => decisionId),
        column(({ orderId }) => orderId),
        column(({ accountId }) => accountId),
        column(({ instrumentId }) => instrumentId),
        column(({ venue }) => venue),
        column(({ side }) => side),
        column(({ quantity }) => formatDecimal(quantity)),
        column(({ limitPrice }) => (limitPrice === null ? null : formatDecimal(limitPrice))),
        tokens,
        this.#clock.nowUs(),
      ],
    );
    const written = new Set(rows.map(({ id }) => id));
    const others = intents.filter(({ order }) => !written.has(order.clientOrderId));
    const found = others.length === 0 ? undefined : await this.#standing(others);
    return ids.map((id) => (written.has(id) ? 'written' : (found?.get(id) ?? 'superseded')));
  }

  /** Of intents that were not written; none where no such row stands. */
  async #standing(intents: readonly Intent[]): Promise<ReadonlyMap<string, IntentOutcome>> {
    const { rows } = await this.#store.query<{ id: string; current: boolean; own: boolean }>(
      `SELECT client_order_id AS id, intents.token = asked.token AS own,
         asked.token >= (SELECT token FROM execution.emitter_term) AS current
       FROM execution.intents
       JOIN unnest($1::text[], $2::bigint[]) AS asked(id, token) ON client_order_id = asked.id`,
      [intents.map(({ order }) => order.clientOrderId), intents.map(({ token }) => token)],
    );
    // Own: by an attempt of this very term whose answer was lost.
    const outcomeOf = (row: { current: boolean; own: boolean }): IntentOutcome =>
      row.current ? (row.own ? 'written' : 'exists') : 'superseded';
    return new Map(rows.map((row) => [row.id, outcomeOf(row)]));
  }
}
