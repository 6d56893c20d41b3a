import { SystemClock } from '@cerberus/runtime';

const POLL_MS = 5;
/* The bound is there to end a hang: a busy machine takes its time to start a database. */

/** Waits until the condition holds; says what it waited for when it never does. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 45_000,
): Promise<void> {
  const clock = new SystemClock();
  const deadline = clock.monotonicMs() + withinMs;
  while (!(await condition())) {
    if (clock.monotonicMs() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await clock.sleep(POLL_MS);
  }
}
