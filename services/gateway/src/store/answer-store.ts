import type { Clock } from '@cerberus/core';
import type { Store } from '@cerberus/store';
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
  readonly fingerprint: string;
  readonly claimed: boolean;
  readonly status: number | null;
  readonly content_type: string | null;
  readonly body: string | null;
}

/** First answers of writes, where a restart and other gateways see them. */
export class AnswerStore implements IdempotencyStore {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * One statement: inserts the claim, or takes over one that lapsed with the same fingerprint; the
   * second branch reads what is there. Two gateways at once: the unique key lets one insert.
   */
  async claim({ scope, key, fingerprint }: ClaimRequest): Promise<Claim> {
    const nowUs = this.#clock.nowUs();
    const { rows } = await this.#store.query<AnswerRow>(
      `WITH ${QUICK}, claimed AS (
         INSERT INTO gateway_answer AS a (scope, idempotency_key, fingerprint, claimed_at)
         SELECT $1, $2, $3, $4::bigint FROM quick
         ON CONFLICT (scope, idempotency_key) DO UPDATE SET claimed_at = $4
           WHERE a.status IS NULL AND a.claimed_at < $5 AND a.fingerprint = $3
         RETURNING fingerprint, true AS claimed, status, content_type, body
       )
       SELECT * FROM claimed
       UNION ALL
       SELECT fingerprint, false, status, content_type, body FROM gateway_answer
        WHERE scope = $1 AND idempotency_key = $2 AND NOT EXISTS (SELECT 1 FROM claimed)`,
      [scope, key, fingerprint, nowUs, nowUs - CLAIM_LEASE_US],
    );
    const [row] = rows;
    // Inserted by another gateway after this statement's snapshot: it is at work.
    if (row === undefined) return { state: 'in-progress' };
    if (row.claimed) return { state: 'claimed' };
    if (row.fingerprint !== fingerprint) return { state: 'other-request' };
    if (row.status === null || row.body === null || row.content_type === null) {
      return { state: 'in-progress' };
    }
    const { status, body, content_type: contentType } = row;
    return { state: 'answered', answer: { status, body, contentType } };
  }

  async answer(scope: string, key: string, answer: StoredAnswer): Promise<void> {
    await this.#store.query(
      `WITH ${QUICK} UPDATE gateway_answer SET status = $3, content_type = $4, body = $5 FROM quick
        WHERE scope = $1 AND idempotency_key = $2`,
      [scope, key, answer.status, answer.contentType, answer.body],
    );
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
