/*
 * JSON of state records: exact amounts are written as the integer count of their units, so that
 * nothing passes through a double.
 */
interface Units {
  readonly $units: string;
}

export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? ({ $units: each.toString() } satisfies Units) : each,
  );
}

/** Throws where the text is not JSON. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_key, each: unknown) => (isUnits(each) ? BigInt(each.$units) : each));
}

function isUnits(value: unknown): value is Units {
  return typeof value === 'object' && value !== null && '$units' in value;
}
