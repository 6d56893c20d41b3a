import { type Static, Type } from 'typebox';

export const ALERTING_SECTION = Type.Object(
  {
    nearFraction: Type.Number({
      default: 0.8,
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Use of a limit from which an alert is given',
    }),
    slippageBps: Type.Number({
      default: 25,
      minimum: 0,
      description: 'Arrival slippage of a finished order from which an alert is given',
    }),
    cooldownMs: Type.Integer({
      default: 30_000,
      minimum: 0,
      maximum: 86_400_000,
      description: 'An open alert is told again at most so often',
    }),
    resolveAfterMs: Type.Integer({
      default: 3_600_000,
      minimum: 100,
      maximum: 604_800_000,
      description:
        'An alert about an order, a limit check, a change of leader or dead letters that has not come again for so long is over',
    }),
    keepResolvedMs: Type.Integer({
      default: 86_400_000,
      minimum: 100,
      maximum: 2_592_000_000,
      description: 'An alert that is over is deleted from the table of alerts after so long',
    }),
    statusSilenceMs: Type.Integer({
      default: 5000,
      minimum: 1000,
      maximum: 600_000,
      description: 'A feed of which nothing is heard for so long is held to be down',
    }),
    webhookUrl: Type.String({
      default: '',
      description: 'Where alerts are POSTed; empty sends none',
    }),
    webhookSecret: Type.String({
      default: '',
      secret: true,
      description: 'Key of the HMAC-SHA256 signature of each delivery',
    }),
    webhookTimeoutMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 60_000,
      description: 'Longest wait for the answer of the webhook',
    }),
    webhookMaxAgeMs: Type.Integer({
      default: 3_600_000,
      minimum: 1000,
      maximum: 604_800_000,
      description: 'A webhook that was away gets what is not older than this; the rest is counted',
    }),
  },
  { description: 'Alert rules and their delivery.' },
);

export type AlertingConfig = Static<typeof ALERTING_SECTION>;
