import type { Clock } from '@cerberus/core';
import { Gathered, type Store } from '@cerberus/store';
import type { Claim, ClaimRequest, IdempotencyStore, StoredAnswer } from '@cerberus/web';

/**
 * A claim without an answer was left by a process that died; it lapses after this, as long as clients are
 * kept waiting by `409`. One that lapses too early only has the write run twice, which knows its key.
 */
const CLAIM_LEASE_US = 5_000_000;
/** First answers are kept for a day of retries. */
const KEEP_US = 24 * 3_600_000_000;
const PURGE_EVERY_MS = 600_000;
/** Rows removed in one go, so that a purge never holds the table for long. */
const PURGE_ROWS_MAX = 10_000;

/**
 * Commits without waiting for the disk, as an order must not. A crash of the database may forget the
 * last claims and answers, and nothing depends on them: ids follow from the key, so the retry asks
 * for the same order, which the gate knows.
 */
const QUICK = `quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`;

interface AnswerRow {
  readonly scope: string;
  readonly idempotency_key: string;
  readonly fingerprint: string;
  readonly claimed: boolean;
  readonly status: number | null;
  readonly content_type: string | null;
  readonly body: string | null;
}

interface Given {
  readonly scope: string;
  readonly key: string;
  readonly answer: StoredAnswer;
}

/** First answers of writes, where a restart and other gateways see them. */
export class AnswerStore implements IdempotencyStore {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #claims: Gathered<ClaimRequest, Claim>;
  readonly #answers: Gathered<Given, undefined>;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const keyOf = ({ scope, key }: { scope: string; key: string }) => placeOf(scope, key);
    this.#claims = new Gathered<ClaimRequest, Claim>({
      run: (requests) => this.#claim(requests),
      keyOf,
    });
    this.#answers = new Gathered<Given, undefined>({ run: (given) => this.#answer(given), keyOf });
  }

  claim(request: ClaimRequest): Promise<Claim> {
    return this.#claims.ask(request);
  }

  /**
   * One statement: inserts the claims, or takes over those that lapsed with the same fingerprint; the
   * second branch reads what is there. Two gateways at once: the unique key lets one insert. In the
   * order of the keys, so that two statements never wait for each other.
   */
  async #claim(requests: readonly ClaimRequest[]): Promise<Claim[]> {
    const nowUs = this.#clock.nowUs();
    const { rows } = await this.#store.query<AnswerRow>(
      `WITH ${QUICK}, asked AS (
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS t(scope, key, fingerprint)
         ORDER BY scope, key
       ), claimed AS (
         INSERT INTO gateway_answer AS a (scope, idempotency_key, fingerprint, claimed_at)
         SELECT scope, key, fingerprint, $4::bigint FROM asked, quick
         ON CONFLICT (scope, idempotency_key) DO UPDATE SET claimed_at = $4
           WHERE a.status IS NULL AND a.claimed_at < $5 AND a.fingerprint = excluded.fingerprint
         RETURNING scope, idempotency_key, fingerprint, true AS claimed, status, content_type, body
       )
       SELECT * FROM claimed
       UNION ALL
       SELECT a.scope, a.idempotency_key, a.fingerprint, false, status, content_type, body
         FROM gateway_answer a JOIN asked ON a.scope = asked.scope AND a.idempotency_key = asked.key
        WHERE NOT EXISTS (SELECT 1 FROM claimed c
          WHERE c.scope = a.scope AND c.idempotency_key = a.idempotency_key)`,
      [
        requests.map(({ scope }) => scope),
        requests.map(({ key }) => key),
        requests.map(({ fingerprint }) => fingerprint),
        ...[nowUs, nowUs - CLAIM_LEASE_US],
      ],
    );
    const found = new Map(rows.map((row) => [placeOf(row.scope, row.idempotency_key), row]));
    return requests.map((request) =>
      claimOf(request, found.get(placeOf(request.scope, request.key))),
    );
  }

  answer(scope: string, key: string, answer: StoredAnswer): Promise<void> {
    return this.#answers.ask({ scope, key, answer });
  }

  async #answer(given: readonly Given[]): Promise<undefined[]> {
    await this.#store.query(
      `WITH ${QUICK}, given AS (
         SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[])
           AS t(scope, key, status, content_type, body)
       )
       UPDATE gateway_answer a
          SET status = given.status, content_type = given.content_type, body = given.body
         FROM given, quick WHERE a.scope = given.scope AND a.idempotency_key = given.key`,
      [
        given.map(({ scope }) => scope),
        given.map(({ key }) => key),
        given.map(({ answer }) => answer.status),
        given.map(({ answer }) => answer.contentType),
        given.map(({ answer }) => answer.body),
      ],
    );
    return given.map(() => undefined);
  }

  async release(scope: string, key: string): Promise<void> {
    await this.#store.query(
      'DELETE FROM gateway_answer WHERE scope = $1 AND idempotency_key = $2 AND status IS NULL',
      [scope, key],
    );
  }

  /** Removes old answers from time to time; gives the way to end it. */
  purgeRegularly(onError: (error: unknown) => void): () => void {
    const timer = this.#clock.every(PURGE_EVERY_MS, () => {
      this.purge().catch(onError);
    });
    return () => timer.cancel();
  }

  async purge(): Promise<number> {
    const { count } = await this.#store.query(
      `DELETE FROM gateway_answer WHERE ctid IN
         (SELECT ctid FROM gateway_answer WHERE claimed_at < $1 LIMIT $2)`,
      [this.#clock.nowUs() - KEEP_US, PURGE_ROWS_MAX],
    );
    return count;
  }
}

function placeOf(scope: string, key: string): string {
  return `${scope} ${key}`;
}

function claimOf({ fingerprint }: ClaimRequest, row: AnswerRow | undefined): Claim {
  // Inserted by another gateway after the statement's snapshot: it is at work.
  if (row === undefined) return { state: 'in-progress' };
  if (row.claimed) return { state: 'claimed' };
  if (row.fingerprint !== fingerprint) return { state: 'other-request' };
  if (row.status === null || row.body === null || row.content_type === null) {
    return { state: 'in-progress' };
  }
  const { status, body, content_type: contentType } = row;
  return { state: 'answered', answer: { status, body, contentType } };
}
