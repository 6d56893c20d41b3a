import type { LimitDeclaration } from './limit-book.ts';
import type { CheckOutcome } from './outcome.ts';
import type { Subject } from './subject.ts';

/**
 * One rule of the gate. A check of one's own is one file that exports a `GateCheck` and one line in
 * `registry.ts`.
 */
export interface GateCheck {
  readonly name: string;
  /** Runs whatever a caller asks for. */
  readonly always: boolean;
  /** Types of `control.limit` that it reads. */
  readonly limits: readonly LimitDeclaration[];
  /** undefined where the check does not apply to the order, or nothing is configured and need be. */
  evaluate(subject: Subject): CheckOutcome | undefined;
  /**
   * Largest quantity (units) of the order that this check lets pass; undefined where quantity does
   * not matter to it.
   */
  maxQuantity?(subject: Subject): bigint | undefined;
}
