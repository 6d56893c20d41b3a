import type { Result } from '@cerberus/core';

/**
 * What a module offers whose work runs on worker threads: `openJobs` is called once a worker with the
 * pool's set-up and gives the function that answers jobs. Jobs are pure: an answer depends on set-up and
 * job alone, so that it does not matter which worker takes which job.
 */
export interface JobModule<Setup, Job, Answer> {
  openJobs(setup: Setup): (job: Job) => Result<Answer>;
}

/** Any job module, for bounds of type parameters. */
export type AnyJobModule = JobModule<never, never, unknown>;

export type SetupOf<M extends AnyJobModule> = Parameters<M['openJobs']>[0];
export type JobOf<M extends AnyJobModule> = Parameters<ReturnType<M['openJobs']>>[0];
export type AnswerOf<M extends AnyJobModule> =
  ReturnType<ReturnType<M['openJobs']>> extends Result<infer A> ? A : never;

/** What a worker is started with. */
export interface WorkerStart {
  /** URL of the job module. */
  readonly module: string;
  readonly setup: unknown;
}
