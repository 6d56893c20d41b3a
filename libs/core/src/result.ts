/**
 * Expected failures are values. A `Fault` says what was wrong, where, and what was expected, so that
 * the edge that shows it (REST, CLI, dead letter) needs no knowledge of the code that found it.
 */
export interface Fault {
  /** Closed code, `CRB_<AREA>_<REASON>`, defined in a library's error catalogue. */
  readonly code: string;
  readonly message: string;
  /** The field, row or key at fault, e.g. `order.quantity` or `row 3`. */
  readonly path?: string;
  readonly expected?: string;
  readonly received?: string;
}

export type Result<T, E extends Fault = Fault> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<E extends Fault>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** The value of a result that must be good here; a fault becomes a thrown `CerberusError`. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CerberusError(result.error);
}

/** A fault on its way through code that can only throw: process edges and callbacks of libraries. */
export class CerberusError extends Error {
  readonly fault: Fault;
  readonly code: string;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.path === undefined ? fault.message : `${fault.path}: ${fault.message}`, options);
    this.name = 'CerberusError';
    this.fault = fault;
    this.code = fault.code;
  }
}
