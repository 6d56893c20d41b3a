import type { Clock } from '@cerberus/core';
import type { Store } from '@cerberus/store';
import { type ApiKeyRecord, type ApiKeySource, generateApiKey } from '@cerberus/web';
import type { Right } from '../rights.ts';

interface KeyRow {
  readonly key_id: string;
  readonly key_hash: string;
  readonly owner: string;
  readonly rights: string[];
  readonly expires_at: bigint | null;
  readonly revoked_at: bigint | null;
}

/** API keys in the relational store: hashes, never keys. */
export class KeyStore implements ApiKeySource {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'nowUs'>;

  constructor(store: Store, clock: Pick<Clock, 'nowUs'>) {
    this.#store = store;
    this.#clock = clock;
  }

  async find(keyId: string): Promise<ApiKeyRecord | undefined> {
    const { rows } = await this.#store.query<KeyRow>(
      'SELECT key_id, key_hash, owner, rights, expires_at, revoked_at FROM gateway_api_key WHERE key_id = $1',
      [keyId],
    );
    const [row] = rows;
    if (row === undefined) return undefined;
    return {
      keyId: row.key_id,
      keyHash: row.key_hash,
      owner: row.owner,
      rights: row.rights,
      expiresAtUs: row.expires_at === null ? null : Number(row.expires_at),
      revoked: row.revoked_at !== null,
    };
  }

  /** The new key's text; it is not kept anywhere. */
  async issue(owner: string, rights: readonly Right[]): Promise<string> {
    const { keyId, keyHash, text } = generateApiKey();
    await this.#store.query(
      'INSERT INTO gateway_api_key (key_id, key_hash, owner, rights, created_at) VALUES ($1, $2, $3, $4, $5)',
      [keyId, keyHash, owner, rights, this.#clock.nowUs()],
    );
    return text;
  }

  async revoke(keyId: string): Promise<void> {
    await this.#store.query(
      'UPDATE gateway_api_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL',
      [keyId, this.#clock.nowUs()],
    );
  }
}
