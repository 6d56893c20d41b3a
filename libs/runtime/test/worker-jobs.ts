// Jobs for the pool's tests; runs inside workers, outside the test runner.
import { CerberusError, fail, ok, type Result } from '@cerberus/core';

export interface TestSetup {
  readonly base: number;
  readonly isRefused?: boolean;
}

export type TestJob =
  | { readonly kind: 'sum'; readonly terms: number }
  | { readonly kind: 'refuse' | 'throw' | 'throw-fault' | 'exit' | 'hang' | 'unsendable' };

const FAULT = { code: 'CRB_TEST_REFUSED', message: 'refused', path: 'terms' };

export function openJobs({ base, isRefused = false }: TestSetup): (job: TestJob) => Result<number> {
  if (isRefused) throw new CerberusError({ ...FAULT, path: 'setup' });
  return (job) => {
    switch (job.kind) {
      case 'sum': {
        let sum = base;
        for (let k = 1; k <= job.terms; k += 1) sum += 1 / (k * k);
        return ok(sum);
      }
      case 'refuse':
        return fail(FAULT);
      case 'throw':
        throw new RangeError('a bug');
      case 'throw-fault':
        throw new CerberusError(FAULT);
      case 'exit':
        return process.exit(3);
      case 'unsendable':
        return ok((() => 1) as unknown as number);
      case 'hang':
        for (;;);
    }
  };
}
