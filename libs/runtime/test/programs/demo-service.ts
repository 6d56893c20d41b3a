import { InvariantViolation } from '@cerberus/core';
import { Type } from 'typebox';
import { definePort, defineService, READY, runService } from '../../src/index.ts';

const SECTION = Type.Object({
  greeting: Type.String({ default: 'hello' }),
  stopTakesMs: Type.Integer({ minimum: 0, default: 0 }),
  crash: Type.Union(
    [
      Type.Literal('none'),
      Type.Literal('throw'),
      Type.Literal('reject'),
      Type.Literal('invariant'),
    ],
    {
      default: 'none',
    },
  ),
});

interface Ports {
  readonly counter: { count: number };
}

const demo = defineService<typeof SECTION, Ports>({
  name: 'demo',
  config: SECTION,
  async create({ config, counter, log, clock, supervisor }) {
    const crash = (): void => {
      if (config.crash === 'throw') throw new Error('stray');
      if (config.crash === 'reject') void Promise.reject(new Error('stray'));
      if (config.crash === 'invariant') {
        supervisor.judge(new InvariantViolation('sums agree'), { component: 'demo' });
      }
    };
    clock.after(50, crash);
    return {
      ready: () => READY,
      routes: [
        {
          method: 'GET',
          path: '/greetings/:name',
          handle: ({ params }) => {
            counter.count += 1;
            return {
              status: 200,
              body: { text: `${config.greeting} ${params['name']}`, count: counter.count },
            };
          },
        },
      ],
      async stop() {
        await clock.sleep(config.stopTakesMs);
        log.info('drained');
      },
    };
  },
});

const SECTION_OF_COUNTER = Type.Object({ from: Type.Integer({ default: 0 }) });

const counterPort = definePort<Ports['counter'], typeof SECTION_OF_COUNTER>({
  section: 'counter',
  config: SECTION_OF_COUNTER,
  open: async ({ config, log }) => ({
    port: { count: config.from },
    ready: () => READY,
    close: async () => log.info('port closed'),
  }),
});

await runService(demo, { counter: counterPort });
