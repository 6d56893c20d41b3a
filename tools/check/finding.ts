/** What a check found: a place, the rule, and what to do. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly rule: string;
  readonly message: string;
}

export interface CheckReport {
  readonly name: string;
  readonly findings: readonly Finding[];
}

export function formatFinding({ path, line, rule, message }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`}  ${rule}: ${message}`;
}
