import { createHash } from 'node:crypto';

/** Letters kept of the hash: 120 bits, well inside a venue's 36 characters. */
const HASH_LETTERS = 30;

/**
 * The id under which the venue knows the order. It depends on the approval alone, not on time or
 * term, so that whoever sends the approval again, sends the same id.
 */
export function clientOrderId(decisionId: string, childIndex = 0): string {
  const hash = createHash('sha256').update(`${decisionId}:${childIndex}`).digest('hex');
  return `c${hash.slice(0, HASH_LETTERS)}`;
}
