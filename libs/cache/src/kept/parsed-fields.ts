const QUALITIES: readonly unknown[] = ['OK', 'DEGRADED', 'UNTRUSTED'];

export type Fields = Readonly<Record<string, unknown>>;

/** What is read was written by another process, perhaps of another version: undefined where it is no object. */
export function parsedFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function hasNumbers(fields: Fields, names: readonly string[]): boolean {
  return names.every((name) => Number.isFinite(fields[name]));
}

export function hasQuality(fields: Fields): boolean {
  return QUALITIES.includes(fields['quality']);
}
