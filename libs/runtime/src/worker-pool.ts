import { availableParallelism } from 'node:os';
import { type Fault, fail, faultOf, invariant, ok, type Result } from '@cerberus/core';
import { RUNTIME_ERRORS } from './errors.ts';
import type { AnswerOf, AnyJobModule, JobOf, SetupOf } from './worker-job.ts';
import { type Outcome, type Task, WorkerThread } from './worker-thread.ts';

export interface WorkerPoolOptions<M extends AnyJobModule> {
  /** URL of the module M, e.g. `new URL('./paths-job.ts', import.meta.url)`. */
  readonly module: URL;
  /** Given to every worker: cloned, shared memory excepted. */
  readonly setup: SetupOf<M>;
  /** 1 to `THREADS_MAX`. */
  readonly threads: number;
  /** Jobs that may wait beyond those at work, 256 by default; one more is refused. */
  readonly queueMax?: number;
}

export interface NamedJob<Job> {
  /** Names the job in faults. */
  readonly name: string;
  readonly job: Job;
}

export interface RunAllOptions {
  readonly signal?: AbortSignal;
  /** After each job: how many are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export const THREADS_MAX = 64;
const QUEUE_MAX = 256;

/** Threads that the machine runs at once, within the pool's bound. */
export function threadsAvailable(): number {
  return Math.min(availableParallelism(), THREADS_MAX);
}

/**
 * Pure jobs on worker threads. The queue is bounded and refuses when full; a cancelled job ends at once,
 * its worker with it where it was running; a worker that dies is a fault that names its job, and the next
 * job gets a new worker. Answers do not depend on the number of threads as jobs do not know of each other.
 */
export class WorkerPool<M extends AnyJobModule> {
  readonly threads: number;
  readonly #queueMax: number;
  readonly #places: readonly WorkerThread[];
  readonly #queue: Task[] = [];
  #isClosed = false;

  constructor({ module, setup, threads, queueMax = QUEUE_MAX }: WorkerPoolOptions<M>) {
    invariant(
      Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX,
      'a pool has 1 to 64 threads',
    );
    invariant(Number.isInteger(queueMax) && queueMax >= 0, 'a queue bound is a whole number');
    this.threads = threads;
    this.#queueMax = queueMax;
    const start = { module: module.href, setup };
    this.#places = Array.from({ length: threads }, () => new WorkerThread(start));
  }

  /** The answer of one job, or the fault that it, its worker or the pool met. */
  run({ name, job }: NamedJob<JobOf<M>>, signal?: AbortSignal): Promise<Result<AnswerOf<M>>> {
    if (this.#isClosed || signal?.aborted === true) return Promise.resolve(fail(cancelled(name)));
    return new Promise((resolve) => {
      const task: Task = {
        ...{ name, job },
        settle: (outcome) => {
          signal?.removeEventListener('abort', abort);
          resolve(resultOf(name, outcome) as Result<AnswerOf<M>>);
          this.#dispatch();
        },
      };
      const abort = () => this.#cancel(task);
      if (this.#queue.length >= this.#queueMax && this.#idle() === undefined) {
        resolve(fail(queueFull(name, this.#queueMax)));
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(task);
      this.#dispatch();
    });
  }

  /**
   * Answers of all jobs in their order, whatever order they ended in. After a fault no further job starts;
   * of several faults that of the earliest job is given, so that it too is the same for any number of
   * threads.
   */
  async runAll(
    jobs: readonly NamedJob<JobOf<M>>[],
    { signal, onProgress }: RunAllOptions = {},
  ): Promise<Result<AnswerOf<M>[]>> {
    const answers: AnswerOf<M>[] = new Array(jobs.length);
    const faults: { readonly index: number; readonly fault: Fault }[] = [];
    let [next, done] = [0, 0];
    const lane = async (): Promise<void> => {
      while (faults.length === 0 && next < jobs.length) {
        const index = next++;
        const answer = await this.run(jobs[index]!, signal);
        if (!answer.ok) {
          faults.push({ index, fault: answer.error });
          return;
        }
        answers[index] = answer.value;
        done += 1;
        onProgress?.(done, jobs.length);
      }
    };
    // One job waits for each thread, so that no thread waits for the next job.
    const lanes = this.threads + Math.min(this.threads, this.#queueMax);
    await Promise.all(Array.from({ length: Math.min(lanes, jobs.length) }, lane));
    const [first] = faults.sort((a, b) => a.index - b.index);
    return first === undefined ? ok(answers) : fail(first.fault);
  }

  /** Ends every worker; jobs not yet done are cancelled. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#queue.splice(0);
    const running = this.#places.flatMap(({ task }) => task ?? []);
    await Promise.all(this.#places.map((place) => place.stop()));
    for (const task of [...waiting, ...running]) task.settle(CANCELLED);
  }

  #idle(): WorkerThread | undefined {
    return this.#places.find(({ task }) => task === undefined);
  }

  #dispatch(): void {
    for (;;) {
      const place = this.#idle();
      if (place === undefined || this.#queue.length === 0) return;
      place.run(this.#queue.shift()!);
    }
  }

  #cancel(task: Task): void {
    const waiting = this.#queue.indexOf(task);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    else void this.#places.find((place) => place.task === task)?.stop();
    task.settle(CANCELLED);
  }
}

const CANCELLED: Outcome = {
  kind: 'answer',
  result: fail(faultOf(RUNTIME_ERRORS.JOB_CANCELLED)),
};

function cancelled(name: string): Fault {
  return faultOf(RUNTIME_ERRORS.JOB_CANCELLED, { path: name });
}

function queueFull(name: string, queueMax: number): Fault {
  const expected = `at most ${queueMax} jobs waiting`;
  return faultOf(RUNTIME_ERRORS.JOB_QUEUE_FULL, { path: name, expected });
}

function resultOf(name: string, outcome: Outcome): Result<unknown> {
  if (outcome === CANCELLED) return fail(cancelled(name));
  if (outcome.kind === 'answer') return outcome.result;
  const received = outcome.reason;
  return fail(faultOf(RUNTIME_ERRORS.JOB_CRASHED, { path: name, received }));
}
