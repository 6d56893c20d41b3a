import { type Static, Type } from 'typebox';

/** What a process is called that was given no name. */
export const UNNAMED_INSTANCE = 'main';

/** Settings of the process itself, whatever runs in it. */
export const HOST_SECTION = Type.Object(
  {
    dataDir: Type.String({
      default: '.cerberus',
      minLength: 1,
      description: 'Folder of all durable state; one process at a time',
    }),
    instance: Type.String({
      default: UNNAMED_INSTANCE,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
      description:
        'Name of this process among those of its service; give each its own and keep it over restarts',
    }),
    logLevel: Type.Union(
      [
        Type.Literal('trace'),
        Type.Literal('debug'),
        Type.Literal('info'),
        Type.Literal('warn'),
        Type.Literal('error'),
        Type.Literal('fatal'),
        Type.Literal('silent'),
      ],
      { default: 'info', description: 'Least severe log line that is written' },
    ),
    logFormat: Type.Union([Type.Literal('auto'), Type.Literal('json'), Type.Literal('pretty')], {
      default: 'auto',
      description: '`auto` is readable on a terminal and JSON lines elsewhere',
    }),
    bind: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address on which a service run alone answers /health, /ready and /metrics',
    }),
    port: Type.Integer({
      default: 9100,
      minimum: 0,
      maximum: 65_535,
      description: 'Its port; 0 takes any free one',
    }),
    drainTimeoutMs: Type.Integer({
      default: 10_000,
      minimum: 0,
      maximum: 600_000,
      description: 'Longest time from SIGTERM to the end of the process',
    }),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4_294_967_295,
        description:
          'Makes random numbers and ids repeatable; without it they come from the system',
      }),
    ),
    recentSpans: Type.Integer({
      default: 16_384,
      minimum: 16,
      maximum: 1_000_000,
      description: 'Ended trace spans kept in memory, the oldest dropped first',
    }),
  },
  { description: 'The process: data folder, logs, health endpoints, drain.' },
);

export type HostConfig = Static<typeof HOST_SECTION>;
