/** Thrown when the program itself is wrong. State may be corrupt: the process must not go on. */
export class InvariantViolation extends Error {
  constructor(statement: string) {
    super(`invariant violated: ${statement}`);
    this.name = 'InvariantViolation';
  }
}

/** Always on. `statement` says what must hold, in the positive. */
export function invariant(condition: unknown, statement: string): asserts condition {
  if (!condition) throw new InvariantViolation(statement);
}

/** Closes an exhaustive switch: a new variant that nobody handles fails to compile. */
export function assertNever(value: never): never {
  throw new InvariantViolation(`unhandled variant ${JSON.stringify(value)}`);
}
