import { definePort, type Static, Type } from '@cerberus/runtime';
import { EmbeddedElection } from './embedded/embedded-election.ts';
import type { Election } from './port.ts';

export const COORDINATION_SECTION = Type.Object(
  {
    leaseMs: Type.Integer({
      minimum: 500,
      maximum: 60_000,
      default: 4000,
      description: 'How long a leader leads without renewing',
    }),
    marginMs: Type.Integer({
      minimum: 0,
      maximum: 30_000,
      default: 1500,
      description: 'Taken off the lease: receive window of the venue plus clock error',
    }),
  },
  { description: 'Leader election.' },
);

export type CoordinationConfig = Static<typeof COORDINATION_SECTION>;

/** Leader election for `runService` and the all-in-one. */
export const electionPort = definePort<Election, typeof COORDINATION_SECTION>({
  section: 'coordination',
  config: COORDINATION_SECTION,
  async open({ data, clock, config, log }) {
    const election = new EmbeddedElection({
      folder: data.folder('coordination'),
      clock,
      ...config,
      onError: (what, error) => log.error({ err: error }, `coordination: ${what} failed`),
    });
    await election.start();
    return { port: election, ready: () => election.ready(), close: () => election.stop() };
  },
});
