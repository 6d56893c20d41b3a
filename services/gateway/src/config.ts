import { type Static, Type } from 'typebox';

export const GATEWAY_SECTION = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to listen on; the dashboard gets a key only on a loopback address',
    }),
    port: Type.Integer({
      default: 8080,
      minimum: 0,
      maximum: 65_535,
      description: 'Port of REST, streams and dashboard; 0 takes any free one',
    }),
    dashboardDir: Type.Optional(
      Type.String({
        description:
          'Folder with the built dashboard, that of this repository where absent; without an index.html there is no dashboard',
      }),
    ),
    origins: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Origins of other sites whose pages may use REST and streams',
    }),
    firstKey: Type.Boolean({
      default: true,
      description: 'Write a key with every right to <data folder>/api-key when there is none',
    }),
    decisionWaitMs: Type.Integer({
      default: 2_000,
      minimum: 0,
      maximum: 8_000,
      description: 'How long POST /orders waits for the decision before it answers "pending"',
    }),
    requestsPerSecond: Type.Number({
      default: 500,
      exclusiveMinimum: 0,
      description: 'Sustained requests of one key, pre-trade checks aside',
    }),
    requestBurst: Type.Integer({
      default: 1_000,
      minimum: 1,
      description: 'Requests of one key that may come at once',
    }),
    checksPerSecond: Type.Number({
      default: 50_000,
      exclusiveMinimum: 0,
      description: 'Sustained pre-trade checks of one key',
    }),
    staleAfterMs: Type.Integer({
      default: 60_000,
      minimum: 1,
      description: 'Risk numbers and prices older than this are called degraded',
    }),
  },
  { description: 'REST, streams, documentation and the dashboard.' },
);

export type GatewayConfig = Static<typeof GATEWAY_SECTION>;
