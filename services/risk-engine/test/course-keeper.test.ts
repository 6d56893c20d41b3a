import { CACHE_ERRORS, MemoryCache, RiskCourse } from '@cerberus/cache';
import { CerberusError, epochUs, faultOf } from '@cerberus/core';
import { Metrics } from '@cerberus/runtime';
import type { RiskMetrics } from '@cerberus/schema';
import { VirtualClock } from '@cerberus/testkit';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { CourseKeeper } from '../src/course-keeper.ts';

const SECOND = 1_000_000;

class LosableCache extends MemoryCache {
  isLost = false;

  override async append(...args: Parameters<MemoryCache['append']>): Promise<void> {
    if (this.isLost) throw new CerberusError(faultOf(CACHE_ERRORS.UNAVAILABLE));
    return super.append(...args);
  }
}

describe('CourseKeeper', () => {
  let cache: LosableCache;
  let keeper: CourseKeeper;
  let problems: unknown[];

  beforeEach(() => {
    const clock = new VirtualClock();
    cache = new LosableCache({ clock, metrics: new Metrics('test'), maxEntries: 100 });
    problems = [];
    const watch = (_name: string, task: Promise<unknown>) =>
      void task.catch((error: unknown) => problems.push(error));
    const supervisor = { watch, judge: () => ({ action: 'stop' as const }), stop: () => undefined };
    keeper = new CourseKeeper(cache, { supervisor });
  });

  async function note(at: number, value: number, account_id = 'demo'): Promise<void> {
    const metrics: RiskMetrics = {
      ...{ account_id, as_of: epochUs(at), method: '', values: { portfolio_value: value } },
      ...{ missing: {}, stress: {}, inputs: [], quality: 'OK' },
    };
    keeper.note(metrics);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const course = async (account = 'demo') =>
    (await new RiskCourse(cache).recent(account, 10)).map(({ values }) => values.portfolio_value);

  test('one point a second and account, however often figures are published', async () => {
    for (let step = 0; step < 40; step += 1) await note(SECOND + (step * SECOND) / 10, step);
    await note(SECOND, 7, 'other');
    expect(await course()).toEqual([30, 20, 10, 0]);
    expect(await course('other')).toEqual([7]);
  });

  test('a lost cache leaves a gap and stops nothing', async () => {
    await note(SECOND, 1);
    cache.isLost = true;
    await note(2 * SECOND, 2);
    cache.isLost = false;
    await note(3 * SECOND, 3);
    expect(await course()).toEqual([3, 1]);
    expect(problems).toEqual([]);
  });
});
