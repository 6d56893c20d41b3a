import { Worker } from 'node:worker_threads';
import type { Result } from '@cerberus/core';
import type { WorkerStart } from './worker-job.ts';

const MAIN = new URL('./worker-main.ts', import.meta.url);

/** One job on its way: `settle` is called exactly once. */
export interface Task {
  readonly name: string;
  readonly job: unknown;
  readonly settle: (outcome: Outcome) => void;
}

/** An answer of the job, or how its worker died. */
export type Outcome =
  | { readonly kind: 'answer'; readonly result: Result<unknown> }
  | { readonly kind: 'crash'; readonly reason: string };

/** One place for a worker. A worker that died or was stopped is replaced when the next job comes. */
export class WorkerThread {
  readonly #start: WorkerStart;
  #worker: Worker | undefined;
  #task: Task | undefined;

  constructor(start: WorkerStart) {
    this.#start = start;
  }

  get task(): Task | undefined {
    return this.#task;
  }

  run(task: Task): void {
    this.#task = task;
    this.#worker ??= this.#spawn();
    try {
      this.#worker.postMessage(task.job);
    } catch (error) {
      this.#crash(`the job cannot be sent: ${textOf(error)}`);
    }
  }

  /** Ends the worker, whatever it is at; its task is the caller's to settle. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#task = undefined;
    await worker?.terminate();
  }

  #spawn(): Worker {
    // The flags of this process, such as an input type, are not for the worker's own entry.
    const worker = new Worker(MAIN, { workerData: this.#start, execArgv: [] });
    const isCurrent = () => this.#worker === worker;
    worker.on('message', (result: Result<unknown>) => {
      if (isCurrent()) this.#finish({ kind: 'answer', result });
    });
    const crash = (reason: string) => {
      if (!isCurrent()) return;
      this.#worker = undefined;
      this.#crash(reason);
    };
    worker.on('error', (error) => crash(textOf(error)));
    worker.on('messageerror', (error) => crash(`the answer cannot be read: ${textOf(error)}`));
    worker.on('exit', (code) => crash(`the worker exited with code ${code}`));
    return worker;
  }

  #crash(reason: string): void {
    this.#finish({ kind: 'crash', reason });
  }

  #finish(outcome: Outcome): void {
    const task = this.#task;
    this.#task = undefined;
    task?.settle(outcome);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
