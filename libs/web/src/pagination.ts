import { Type } from 'typebox';
import { WEB_ERRORS } from './errors.ts';
import { HttpProblem } from './problem.ts';

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 1000;

/** Query parameters of every list that pages. */
export const PAGE_QUERY = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT }),
  ),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
};

const VERSION = 'p1';

/** Opaque to clients: where the next page starts, as the list's own sort key. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([VERSION, ...parts])).toString('base64url');
}

export function decodeCursor(cursor: string, length: number): readonly (string | number)[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(parts) &&
      parts.length === length + 1 &&
      parts[0] === VERSION &&
      parts.every((part) => typeof part === 'string' || Number.isFinite(part));
    if (fits) return parts.slice(1);
  } catch {
    // Not base64url JSON: refused below like any other cursor that is not ours.
  }
  throw new HttpProblem(WEB_ERRORS.CURSOR_INVALID, {
    errors: [
      { path: 'query.cursor', expected: 'next_cursor of an earlier page', received: cursor },
    ],
  });
}
