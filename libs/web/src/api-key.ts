import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is stored of a key: never the key itself. */
export interface ApiKeyRecord {
  readonly keyId: string;
  /** SHA-256 of the whole key text, hexadecimal. A fast hash is right for 256 random bits. */
  readonly keyHash: string;
  readonly owner: string;
  readonly rights: readonly string[];
  /** Wall-clock end in microseconds since the epoch; null for none. */
  readonly expiresAtUs: number | null;
  readonly revoked: boolean;
}

export interface NewApiKey {
  readonly keyId: string;
  /** Shown once, to whom it is for. */
  readonly text: string;
  readonly keyHash: string;
}

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const PATTERN = /^crb_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** `crb_<id>_<secret>` with a 256-bit secret from the operating system's generator. */
export function generateApiKey(): NewApiKey {
  const keyId = randomBytes(ID_BYTES).toString('hex');
  const text = `crb_${keyId}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { keyId, text, keyHash: hashApiKey(text) };
}

export function hashApiKey(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Public part of a well-formed key, undefined for anything else. */
export function apiKeyId(text: string): string | undefined {
  return PATTERN.exec(text)?.[1];
}

/** Takes the same time wherever the two differ. */
export function matchesApiKey(text: string, record: ApiKeyRecord): boolean {
  const given = hash('sha256', text, 'buffer');
  const known = Buffer.from(record.keyHash, 'hex');
  return given.length === known.length && timingSafeEqual(given, known);
}
