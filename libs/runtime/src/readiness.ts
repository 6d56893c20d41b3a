/** Whether something can do its work now, and if not, why; dependencies nest. */
export interface Readiness {
  readonly ready: boolean;
  /** What is missing, for a person; given whenever `ready` is false. */
  readonly detail?: string;
  readonly dependencies?: Readonly<Record<string, Readiness>>;
}

export const READY: Readiness = Object.freeze({ ready: true });

export function notReady(detail: string): Readiness {
  return { ready: false, detail };
}

/** Ready when every dependency is; the detail names those that are not. */
export function readinessOf(dependencies: Readonly<Record<string, Readiness>>): Readiness {
  const missing = Object.entries(dependencies).filter(([, state]) => !state.ready);
  if (missing.length === 0) return { ready: true, dependencies };
  const detail = missing
    .map(([name, state]) => `${name}: ${state.detail ?? 'not ready'}`)
    .join('; ');
  return { ready: false, detail, dependencies };
}
