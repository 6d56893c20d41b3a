/** What a vector file calls a case: `inputs` go in, values under the names of `expected` come out. */
export interface VectorCase {
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[];
  readonly [other: string]: unknown;
}

/** A reference file: shared series and conventions stand beside the cases. */
export interface VectorFile {
  readonly topic: string;
  readonly cases: readonly VectorCase[];
  readonly series?: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}

/**
 * One topic of the reference vectors: `evaluate` computes the values of one case under the names the
 * file uses in `expected`, from its inputs alone; it never sees the expected values and never judges.
 * A case that has no answer gives `{ error: 'CRB_…' }` (or the file's own status name).
 */
export interface VectorTopic {
  /** File name in the vector folder, e.g. `bsm_greeks.json`. */
  readonly file: string;
  evaluate(
    inputs: Readonly<Record<string, unknown>>,
    file: VectorFile,
  ): Readonly<Record<string, unknown>>;
}
