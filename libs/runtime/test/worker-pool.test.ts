import { THREADS_MAX, threadsAvailable, WorkerPool } from '@cerberus/runtime';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { TestJob, TestSetup } from './worker-jobs.ts';

type Jobs = typeof import('./worker-jobs.ts');

const open: WorkerPool<Jobs>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

function poolOf(
  threads: number,
  options: { readonly queueMax?: number; readonly setup?: TestSetup } = {},
): WorkerPool<Jobs> {
  const module = new URL('./worker-jobs.ts', import.meta.url);
  const pool = new WorkerPool<Jobs>({ module, threads, setup: { base: 1 }, ...options });
  open.push(pool);
  return pool;
}

const named = (name: string, job: TestJob) => ({ name, job });
const sums = Array.from({ length: 40 }, (_, i) =>
  named(`sum ${i}`, { kind: 'sum', terms: 1 + ((i * 7919) % 50_000) }),
);

describe('jobs on workers', () => {
  test('answers keep the order of the jobs and are the same bits for 1, 2 and 4 threads', async () => {
    const [one, two, four] = await Promise.all([1, 2, 4].map((n) => poolOf(n).runAll(sums)));
    // The sum of one term is base + 1.
    expect(one).toMatchObject({ ok: true });
    expect((one as { value: number[] }).value[0]).toBe(2);
    expect(two).toEqual(one);
    expect(four).toEqual(one);
  });

  test('progress counts every job once, up to the whole', async () => {
    const seen: number[] = [];
    await poolOf(2).runAll(sums, { onProgress: (done) => seen.push(done) });
    expect(seen).toEqual(sums.map((_, i) => i + 1));
  });

  test('more jobs than may wait are refused by name, none is lost', async () => {
    const pool = poolOf(1, { queueMax: 2 });
    const runs = sums.slice(0, 5).map((job) => pool.run(job));
    const results = await Promise.all(runs);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, false, false]);
    expect(results[3]).toMatchObject({
      error: { code: 'CRB_RUNTIME_JOB_QUEUE_FULL', path: 'sum 3', expected: expect.any(String) },
    });
  });
});

describe('what goes wrong in a job', () => {
  const crashes: [string, TestJob['kind'], string][] = [
    ['an exception', 'throw', 'RangeError: a bug'],
    ['an exit', 'exit', 'code 3'],
    ['an answer that cannot be sent', 'unsendable', 'could not be cloned'],
  ];

  test.each(crashes)('%s is an error naming its job; the pool goes on', async (_, kind, told) => {
    const pool = poolOf(1);
    const [before, crash, after] = await Promise.all([
      pool.run(sums[0]!),
      pool.run(named('paths 7', { kind } as TestJob)),
      pool.run(sums[0]!),
    ]);
    expect(crash).toMatchObject({
      ok: false,
      error: { code: 'CRB_RUNTIME_JOB_CRASHED', path: 'paths 7' },
    });
    expect((crash as { error: { received: string } }).error.received).toContain(told);
    expect(after).toEqual(before);
  });

  test('a fault, returned or thrown, is the answer; of several the earliest job’s', async () => {
    const jobs = [
      ...sums.slice(0, 3),
      named('first', { kind: 'throw-fault' }),
      named('second', { kind: 'exit' }),
      ...sums,
    ];
    for (const threads of [1, 2, 4]) {
      const result = await poolOf(threads).runAll(jobs);
      expect(result).toMatchObject({ ok: false, error: { code: 'CRB_TEST_REFUSED' } });
    }
  });

  test('a set-up that is refused is the answer of every job', async () => {
    const pool = poolOf(1, { setup: { base: 1, isRefused: true } });
    const answer = await pool.run(sums[0]!);
    expect(answer).toMatchObject({ ok: false, error: { path: 'setup' } });
  });
});

describe('cancellation', () => {
  test('ends a job that would run for ever, and those waiting behind it', async () => {
    const pool = poolOf(1);
    const controller = new AbortController();
    const all = pool.runAll([named('endless', { kind: 'hang' }), ...sums], {
      signal: controller.signal,
    });
    await pool.run(sums[0]!, AbortSignal.abort());
    controller.abort();
    expect(await all).toMatchObject({
      error: { code: 'CRB_RUNTIME_JOB_CANCELLED', path: 'endless' },
    });
    expect(await pool.run(sums[0]!)).toMatchObject({ ok: true, value: 2 });
  });

  test('closing cancels what is left and refuses what comes', async () => {
    const pool = poolOf(1);
    const running = pool.run(named('endless', { kind: 'hang' }));
    const waiting = pool.run(sums[0]!);
    await pool.close();
    for (const result of [await running, await waiting, await pool.run(sums[0]!)]) {
      expect(result).toMatchObject({ error: { code: 'CRB_RUNTIME_JOB_CANCELLED' } });
    }
  });
});

test('the default is what the machine runs at once', () => {
  expect(threadsAvailable()).toBeGreaterThanOrEqual(1);
  expect(threadsAvailable()).toBeLessThanOrEqual(THREADS_MAX);
});
