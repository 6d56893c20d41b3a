type SourceReviver = (
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** Where a value can begin: ids in quotes are text already. */
const LONG_INTEGER = /(?:^|[:,[])\s*-?\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * `JSON.parse` that keeps integers beyond 2⁵³ as text: futures order ids have 19 digits, and a
 * rounded id names another order.
 */
export function parseExactJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const keepDigits: SourceReviver = (_key, value, context) => {
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) {
      return value;
    }
    return INTEGER.test(source) ? source : value;
  };
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}
