import { CerberusError } from '@cerberus/core';

/** What a person needs to know of a failure; the stack is for bugs only. */
export function describeFailure(error: unknown): string {
  if (error instanceof CerberusError) {
    const { code, message, path, expected, received } = error.fault;
    const lines = [`${path === undefined ? '' : `${path}: `}${message} (${code})`];
    if (expected !== undefined) lines.push(`  expected: ${expected}`);
    if (received !== undefined) lines.push(`  received: ${received}`);
    return lines.join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
