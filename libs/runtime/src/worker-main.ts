// Entry of every worker of a pool: loads the job module and answers jobs one by one. An expected failure
// is an answer; anything else thrown ends the worker, and the pool names the job that it was at.
import { parentPort, workerData } from 'node:worker_threads';
import { CerberusError, fail, invariant, ok, type Result } from '@cerberus/core';
import type { JobModule, WorkerStart } from './worker-job.ts';

const port = parentPort;
invariant(port !== null, 'this module runs as a worker of a pool');
const { module, setup } = workerData as WorkerStart;
const { openJobs } = (await import(module)) as JobModule<unknown, unknown, unknown>;
const work = answered(() => ok(openJobs(setup)));
port.on('message', (job) => {
  const answer = work.ok ? answered(() => work.value(job)) : work;
  try {
    port.postMessage(answer);
  } catch (error) {
    // What a clone refuses to say of itself does not survive the way to the pool either.
    throw new TypeError(`the answer cannot be sent: ${String(error)}`);
  }
});

function answered<T>(compute: () => Result<T>): Result<T> {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CerberusError) return fail(error.fault);
    throw error;
  }
}
