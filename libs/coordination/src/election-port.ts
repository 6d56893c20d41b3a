import { definePort, type HostContext, type Static, Type } from '@cerberus/runtime';
import { EmbeddedElection } from './embedded/embedded-election.ts';
import type { Election } from './port.ts';
import { ZooKeeperElection } from './zookeeper/zookeeper-election.ts';

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
    zookeeper: Type.Object({
      servers: Type.Array(
        Type.String({
          pattern: '^[^\\s:]+:\\d+$',
          description: 'host:port of a ZooKeeper server',
        }),
        {
          default: [],
          maxItems: 9,
          description:
            'host:port of the ZooKeeper ensemble; none elects among the candidates of one process',
        },
      ),
      root: Type.String({
        default: '/cerberus/election',
        pattern: '^(/[^/\\s]+)+$',
        description: 'ZooKeeper node above those of the election',
      }),
    }),
  },
  { description: 'Leader election.' },
);

export type CoordinationConfig = Static<typeof COORDINATION_SECTION>;

/** Leader election for `runService` and the all-in-one. */
export const electionPort = definePort<Election, typeof COORDINATION_SECTION>({
  section: 'coordination',
  config: COORDINATION_SECTION,
  async open(context) {
    const election = electionOf(context);
    await election.start();
    return { port: election, ready: () => election.ready(), close: () => election.stop() };
  },
});

function electionOf(context: HostContext & { readonly config: CoordinationConfig }): Election {
  const { data, clock, ids, config, log, signal } = context;
  const { leaseMs, marginMs, zookeeper } = config;
  if (zookeeper.servers.length === 0) {
    return new EmbeddedElection({
      folder: data.folder('coordination'),
      clock,
      leaseMs,
      marginMs,
      onError: (what, error) => log.error({ err: error }, `coordination: ${what} failed`),
    });
  }
  return new ZooKeeperElection({
    ...zookeeper,
    clock,
    ids,
    leaseMs,
    marginMs,
    signal,
    onError: (what, error) =>
      log.warn({ err: error }, `coordination: ${what} failed, will be tried again`),
  });
}
