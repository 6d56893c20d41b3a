import { InvariantViolation } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { createLogger } from '../src/log.ts';
import { Metrics } from '../src/metrics.ts';
import { createSupervisor } from '../src/supervisor.ts';

function setUp() {
  const stops: unknown[] = [];
  const metrics = new Metrics('test');
  const log = createLogger({ name: 'test', level: 'silent', format: 'json' });
  const supervisor = createSupervisor({ log, metrics, onStop: (error) => stops.push(error) });
  return { stops, metrics, supervisor };
}

const SITE = { component: 'portfolio', topic: 'fill', partition: 3, offset: 7n };

describe('supervisor', () => {
  test('a crash on a record is a dead letter and nothing stops', async () => {
    const { stops, metrics, supervisor } = setUp();
    expect(supervisor.judge(new TypeError('no such field'), SITE)).toEqual({
      action: 'dead-letter',
      reason: 'handler_error',
      message: 'no such field',
    });
    expect(stops).toEqual([]);
    expect(await metrics.render()).toContain(
      'cerberus_handler_crashes_total{component="portfolio",action="dead-letter",service="test"} 1',
    );
  });

  test('a broken invariant stops the process, once', () => {
    const { stops, supervisor } = setUp();
    const error = new InvariantViolation('cash is conserved');
    expect(supervisor.judge(error, SITE)).toEqual({ action: 'stop' });
    supervisor.stop(new Error('another'), SITE);
    expect(stops).toEqual([error]);
  });

  test('a background task that fails stops the process', async () => {
    const { stops, supervisor } = setUp();
    supervisor.watch('good', Promise.resolve());
    supervisor.watch('bad', Promise.reject(new Error('lost')));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stops).toEqual([new Error('lost')]);
  });
});
