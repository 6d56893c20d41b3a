/** What a check found: a place, the rule, and what to do. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly rule: string;
  readonly message: string;
}

export function formatFinding({ path, line, rule, message }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`}  ${rule}: ${message}`;
}
