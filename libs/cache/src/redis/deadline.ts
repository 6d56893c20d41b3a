import type { Clock } from '@cerberus/core';

/** What came instead of an answer. */
export class Late extends Error {
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
  }
}

/**
 * The answer, or `Late`. When this process itself was busy past the deadline, answers that lie in the
 * socket are read first: its own pauses are not taken for those of the server.
 */
export function answerWithin<T>(
  clock: Pick<Clock, 'after'>,
  deadlineMs: number,
  answer: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, () => {
      // After the timers the event loop reads its sockets, then come the immediates.
      setImmediate(() => reject(new Late(deadlineMs)));
    });
    answer.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
