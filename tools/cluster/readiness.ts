import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from './plan.ts';

const POLL_MS = 100;
const SAY_EVERY_MS = 5000;
const ASK_TIMEOUT_MS = 2000;

export interface InstanceState {
  readonly name: string;
  readonly healthPort: number;
  readonly ready: boolean;
  /** What is missing; empty when ready. */
  readonly detail: string;
}

export async function stateOf({ name, healthPort }: Instance): Promise<InstanceState> {
  const place = { name, healthPort };
  try {
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const response = await fetch(`http://127.0.0.1:${healthPort}/ready`, { signal });
    const { ready, detail = '' } = (await response.json()) as { ready: boolean; detail?: string };
    return { ...place, ready, detail };
  } catch {
    return { ...place, ready: false, detail: 'does not answer' };
  }
}

/** Ends when all are ready, time is up, or whoever keeps them running is gone. */
export async function untilReady(
  instances: readonly Instance[],
  withinMs: number,
  alive: () => boolean,
  onWait: (missing: readonly string[]) => void = () => undefined,
): Promise<readonly InstanceState[]> {
  const startedMs = performance.now();
  let saidMs = startedMs;
  for (;;) {
    const states = await Promise.all(instances.map((instance) => stateOf(instance)));
    const missing = states.filter(({ ready }) => !ready);
    const nowMs = performance.now();
    if (missing.length === 0 || nowMs - startedMs > withinMs || !alive()) return states;
    if (nowMs - saidMs > SAY_EVERY_MS) {
      saidMs = nowMs;
      onWait(missing.map(({ name }) => name));
    }
    await sleep(POLL_MS);
  }
}
