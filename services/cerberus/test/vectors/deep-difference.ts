import { isNear } from './judge.ts';

export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

/**
 * The first leaf of `reference` that `computed` lacks or misses, walking arrays and objects alike;
 * `toleranceOf` gets the path, e.g. `VaR.7` or `critical_values.0.1`.
 */
export function deepDifference(
  computed: unknown,
  reference: unknown,
  toleranceOf: (path: string) => Tolerance,
  path = '',
): string | undefined {
  if (typeof reference !== 'object' || reference === null) {
    if (isNear(computed, reference, toleranceOf(path))) return undefined;
    return `${path}: computed ${String(computed)}, reference ${String(reference)}`;
  }
  if (typeof computed !== 'object' || computed === null) {
    return `${path}: computed ${String(computed)}, reference ${JSON.stringify(reference)}`;
  }
  const other = computed as Readonly<Record<string, unknown>>;
  if (Array.isArray(reference) && reference.length !== (computed as unknown[]).length) {
    return `${path}: ${(computed as unknown[]).length} elements, reference ${reference.length}`;
  }
  for (const [name, value] of Object.entries(reference)) {
    const below = path === '' ? name : `${path}.${name}`;
    const difference = deepDifference(other[name], value, toleranceOf, below);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
