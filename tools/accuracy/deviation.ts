export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

/** How far one computed value is from its reference, in units of its tolerance. */
export interface Deviation {
  /** Path inside `expected`, e.g. `VaR.7`. */
  readonly path: string;
  /** |computed − reference| over the tolerance; infinite where the value is missing or of another kind. */
  readonly ratio: number;
}

/** |x − ref| over relative·|ref| + absolute; values that are not numbers must be equal. */
export function ratioOf(computed: unknown, reference: unknown, tolerance: Tolerance): number {
  if (computed === reference) return 0;
  if (typeof computed !== 'number' || typeof reference !== 'number')
    return Number.POSITIVE_INFINITY;
  const bound = (tolerance.relative ?? 0) * Math.abs(reference) + (tolerance.absolute ?? 0);
  return Math.abs(computed - reference) / bound;
}

/** The deviation of every leaf of `reference`; undefined as a tolerance leaves a value out. */
export function deviations(
  computed: unknown,
  reference: unknown,
  toleranceOf: (path: string) => Tolerance | undefined,
  path = '',
): Deviation[] {
  if (typeof reference !== 'object' || reference === null) {
    const tolerance = toleranceOf(path);
    // An absent value stands for the undefined that the files write as null.
    const value = reference === null && computed === undefined ? null : computed;
    return tolerance === undefined ? [] : [{ path, ratio: ratioOf(value, reference, tolerance) }];
  }
  const other = (typeof computed === 'object' && computed !== null ? computed : {}) as Readonly<
    Record<string, unknown>
  >;
  const isShort =
    Array.isArray(reference) && (other as { length?: number }).length !== reference.length;
  const length = isShort ? [{ path: `${path}.length`, ratio: Number.POSITIVE_INFINITY }] : [];
  return Object.entries(reference).reduce<Deviation[]>((found, [name, value]) => {
    const below = path === '' ? name : `${path}.${name}`;
    return found.concat(deviations(other[name], value, toleranceOf, below));
  }, length);
}
