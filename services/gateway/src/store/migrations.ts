import type { Migration } from '@cerberus/store';

export const GATEWAY_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'keys and first answers',
    sql: `
      CREATE TABLE gateway_api_key (
        key_id text PRIMARY KEY,
        key_hash text NOT NULL,
        owner text NOT NULL,
        rights text[] NOT NULL,
        created_at bigint NOT NULL,
        expires_at bigint,
        revoked_at bigint
      );
      CREATE TABLE gateway_answer (
        scope text NOT NULL,
        idempotency_key text NOT NULL,
        fingerprint text NOT NULL,
        claimed_at bigint NOT NULL,
        status integer,
        content_type text,
        body text,
        PRIMARY KEY (scope, idempotency_key)
      );
      CREATE INDEX gateway_answer_age ON gateway_answer (claimed_at);`,
  },
];
