import { join } from 'node:path';
import { definePort, type Static, Type } from '@cerberus/runtime';
import { TOPICS } from '@cerberus/schema';
import { EmbeddedBus } from './embedded/embedded-bus.ts';
import type { Bus } from './port.ts';

export const BUS_SECTION = Type.Object(
  {
    recordStreams: Type.Boolean({
      default: false,
      description: 'Write streams (quotes, trades, books, Greeks) to the log file too',
    }),
  },
  { description: 'The event log.' },
);

export type BusConfig = Static<typeof BUS_SECTION>;

/** The event log for `runService` and the all-in-one. */
export const busPort = definePort<Bus, typeof BUS_SECTION>({
  section: 'bus',
  config: BUS_SECTION,
  async open({ data, clock, config, log, metrics, supervisor }) {
    const bus = new EmbeddedBus({
      file: join(data.folder('bus'), 'log.sqlite'),
      topics: Object.values(TOPICS),
      clock,
      recorded: config.recordStreams ? 'all' : [],
      onError: (what, error) =>
        log.warn({ err: error }, `bus: ${what} failed, will be tried again`),
      onFailure: (error) => supervisor.stop(error, { component: 'bus' }),
    });
    await bus.start();
    const total = (count: 'conflated' | 'dropped') => () =>
      Object.values(bus.counts()).reduce((sum, counts) => sum + counts[count], 0);
    metrics.gaugeOf(
      'bus_stream_conflated',
      'Stream records replaced by a newer one of their key before a slow reader saw them',
      total('conflated'),
    );
    metrics.gaugeOf(
      'bus_stream_dropped',
      'Stream records lost because a slow reader left too many keys unread',
      total('dropped'),
    );
    return { port: bus, ready: () => bus.ready(), close: () => bus.stop() };
  },
});
