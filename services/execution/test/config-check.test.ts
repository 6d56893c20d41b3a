import { expect, test } from '@jest/globals';
import type { ExecutionConfig } from '../src/config.ts';
import { checkConfig } from '../src/config-check.ts';
import { EXECUTION_ERRORS } from '../src/errors.ts';

const config = (over: Partial<ExecutionConfig>) =>
  ({ settleMs: 1500, recvWindowMs: 1000, clockErrorMs: 250, ...over }) as ExecutionConfig;
const lease = { leaseMs: 4000, marginMs: 1500 };

test('the defaults stand', () => {
  expect(() => checkConfig(config({}), lease)).not.toThrow();
});

test('an order must be past its window before it can be called absent', () => {
  expect(() => checkConfig(config({ settleMs: 999 }), lease)).toThrow(
    expect.objectContaining({ code: EXECUTION_ERRORS.SETTLE_TOO_SHORT.code }),
  );
});

test('the window ends before another may lead: within the margin, clock error included', () => {
  expect(() => checkConfig(config({ recvWindowMs: 1250 }), lease)).not.toThrow();
  const wrong = [
    { given: config({ recvWindowMs: 1251 }), times: lease },
    { given: config({ clockErrorMs: 501 }), times: lease },
    { given: config({}), times: { leaseMs: 4000, marginMs: 1249 } },
  ];
  for (const { given, times } of wrong) {
    expect(() => checkConfig(given, times)).toThrow(
      expect.objectContaining({
        code: EXECUTION_ERRORS.WINDOW_TOO_LONG.code,
        message: expect.stringContaining('coordination.marginMs'),
      }),
    );
  }
});
