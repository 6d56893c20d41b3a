import { type BudgetLimits, FUTURES_LIMITS, SPOT_LIMITS } from '@cerberus/venues';
import { type Static, Type } from 'typebox';

const MARKET = (description: string, limits: BudgetLimits) =>
  Type.Object(
    {
      rest: Type.String({ default: '', description: "REST base URL; empty is the venue's own" }),
      ws: Type.String({ default: '', description: "WebSocket base URL; empty is the venue's own" }),
      apiKey: Type.String({
        default: '',
        secret: true,
        description: 'API key; empty trades nothing',
      }),
      apiSecret: Type.String({ default: '', secret: true, description: 'Secret of the key' }),
      weightPerMinute: Type.Integer({
        default: limits.weightPerMinute,
        minimum: 1,
        maximum: 1_000_000,
        description: 'Request weight the venue allows this address; what is beyond is not sent',
      }),
      ordersPer10Seconds: Type.Integer({
        default: limits.ordersPer10Seconds,
        minimum: 1,
        maximum: 1_000_000,
        description: 'Orders the venue allows this account; higher tiers have more',
      }),
    },
    { description },
  );

export const EXECUTION_SECTION = Type.Object(
  {
    instanceId: Type.String({
      default: '',
      description:
        'Name of this candidate, its own among all; empty is `execution-` and host.instance',
    }),
    spot: MARKET('Trading on Binance spot', SPOT_LIMITS),
    usdm: MARKET('Trading on Binance USD-M futures', FUTURES_LIMITS),
    recvWindowMs: Type.Integer({
      default: 1000,
      minimum: 100,
      maximum: 5000,
      description:
        'Age at which the venue refuses an order; at most coordination.marginMs less clockErrorMs',
    }),
    clockErrorMs: Type.Integer({
      default: 250,
      minimum: 0,
      maximum: 10_000,
      description:
        'Most by which the date of an order may be wrong, beyond what is measured and taken off it',
    }),
    deadlineMs: Type.Integer({
      default: 3000,
      minimum: 100,
      maximum: 60_000,
      description: 'Longest wait for an answer of the venue, after which the outcome is UNKNOWN',
    }),
    settleMs: Type.Integer({
      default: 1500,
      minimum: 100,
      maximum: 60_000,
      description: 'Time after which a request that is still on its way must have arrived',
    }),
    sweepEveryMs: Type.Integer({
      default: 15_000,
      minimum: 1000,
      maximum: 3_600_000,
      description: 'Time between two checks of all open orders with the venue',
    }),
  },
  { description: 'The order emitter.' },
);

export type ExecutionConfig = Static<typeof EXECUTION_SECTION>;
