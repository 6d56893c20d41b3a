import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT =
  process.env['CERBERUS_SHARED_DIR'] ?? resolve(import.meta.dirname, '../../../../shared');

/** Path of a recorded file that is not part of the repository. */
export function sharedPath(path: string): string {
  return resolve(ROOT, 'data', path);
}

export const sharedDataPresent = existsSync(resolve(ROOT, 'data'));
