import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataFolder, writeDurably } from '@cerberus/runtime';
import { apiKeyId, matchesApiKey } from '@cerberus/web';
import { RIGHTS } from '../rights.ts';
import type { KeyStore } from './key-store.ts';

export const FIRST_KEY_FILE = 'api-key';
const OWNER = 'first key of this data folder';

export interface FirstKey {
  readonly text: string;
  /** Where it is written, readable by this user only. */
  readonly file: string;
  readonly isNew: boolean;
}

/**
 * The key of a data folder: made on its first start, found again later. A file whose key the store
 * does not know (another store, or a crash between the two) is replaced by a new key.
 */
export async function ensureFirstKey(keys: KeyStore, data: DataFolder): Promise<FirstKey> {
  const file = join(data.path, FIRST_KEY_FILE);
  const known = await existing(keys, file);
  if (known !== undefined) return { text: known, file, isNew: false };
  const text = await keys.issue(OWNER, RIGHTS);
  writeDurably(file, `${text}\n`);
  return { text, file, isNew: true };
}

async function existing(keys: KeyStore, file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const keyId = apiKeyId(text);
  const record = keyId === undefined ? undefined : await keys.find(keyId);
  if (record === undefined || record.revoked || !matchesApiKey(text, record)) return undefined;
  return text;
}
