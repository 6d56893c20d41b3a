import {
  type Bus,
  type HandlerContext,
  type InputOf,
  jsonSerializer,
  LedgerWriter,
  PartitionedProcessor,
  TableView,
} from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { defineService } from '@cerberus/runtime';
import type { Alert, Codecs } from '@cerberus/schema';
import { type Static, Type } from 'typebox';
import { AlertDesk } from './alert-desk.ts';
import { alertKey, type Condition, raise, resolve } from './alert-life.ts';
import { ALERTING_ERRORS } from './errors.ts';
import { decisionConditions, slippageCondition, unknownOrder } from './order-rules.ts';
import {
  feedCondition,
  killCondition,
  leaderCondition,
  metricVerdicts,
  silentFeed,
} from './platform-rules.ts';
import { Webhook } from './webhook.ts';

export interface AlertingPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

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
        'An alert about an order or a limit check that has not come again for so long is over',
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
    webhookTimeoutMs: Type.Integer({ default: 5000, minimum: 100, maximum: 60_000 }),
  },
  { description: 'Alert rules and their delivery.' },
);

export type AlertingConfig = Static<typeof ALERTING_SECTION>;
const LAPSE_CHECK_MS = 60_000;

type OrderInput = 'order.decision' | 'order.event' | 'tca.report';

/** Streams and tables → alert, and from there to the webhook. */
export const alerting = defineService<typeof ALERTING_SECTION, AlertingPorts>({
  name: 'alerting',
  config: ALERTING_SECTION,
  create: async (context) => {
    const { bus, codecs, config, clock } = context;
    const port = { bus, codecs, host: context };
    const alerts = new TableView({ ...port, topic: 'alert' });
    await alerts.start();
    await alerts.caughtUp;
    const writer = new LedgerWriter({ bus, host: context, id: 'alerting' });
    const desk = new AlertDesk({
      ...{ host: context, codecs, writer, cooldownUs: config.cooldownMs * 1000 },
    });
    desk.restore(alerts);
    const webhook = webhookOf(context, config);
    alerts.onChange((_key, alert) => alert && webhook?.deliver(alert));
    const platform = platformTables(port, desk, config);
    const processor = new PartitionedProcessor<OrderInput, Alert>({
      ...{ ...port, service: 'alerting' },
      inputs: ['order.decision', 'order.event', 'tca.report'],
      state: { topic: 'alerting.state', serializer: jsonSerializer<Alert>('alert', 1) },
      handle: (input, handler) => onOrderInput(input, handler, config),
      tick: {
        everyMs: Math.min(LAPSE_CHECK_MS, config.resolveAfterMs),
        run: (handler) => lapse(handler, config.resolveAfterMs),
      },
    });
    for (const part of [...platform.tables, processor]) await part.start();
    const watch = clock.every(1000, () => platform.watchSilence());
    return {
      ready: () => processor.ready(),
      stop: async () => {
        watch.cancel();
        for (const part of [processor, ...platform.tables, alerts]) await part.stop();
        await webhook?.stop();
        await writer.close();
      },
    };
  },
});

function webhookOf(context: ConstructorParameters<typeof Webhook>[0], config: AlertingConfig) {
  if (config.webhookUrl === '') return undefined;
  const { webhookUrl: url, webhookSecret: secret, webhookTimeoutMs: timeoutMs } = config;
  if (!URL.canParse(url)) throw unusable('alerting.webhookUrl', 'a URL', url);
  // A signature that everybody can make proves nothing.
  if (secret === '') throw unusable('alerting.webhookSecret', 'a secret to sign with', 'none');
  return new Webhook(context, { url, secret, timeoutMs });
}

function unusable(path: string, expected: string, received: string): CerberusError {
  return new CerberusError(faultOf(ALERTING_ERRORS.WEBHOOK_UNUSABLE, { path, expected, received }));
}

function onOrderInput(
  { topic, message }: InputOf<OrderInput>,
  handler: HandlerContext<Alert>,
  config: AlertingConfig,
): void {
  switch (topic) {
    case 'order.decision':
      for (const found of decisionConditions(message, config)) tell(found, handler, config);
      break;
    case 'order.event':
      if (message.status === 'UNKNOWN') tell(unknownOrder(message), handler, config);
      else clear({ rule: 'order_unknown', subject: message.order_id }, handler);
      break;
    case 'tca.report': {
      const found = slippageCondition(message, config);
      if (found !== undefined) tell(found, handler, config);
      break;
    }
  }
}

function tell(found: Condition, handler: HandlerContext<Alert>, config: AlertingConfig): void {
  const key = alertKey(found);
  const cooldownUs = config.cooldownMs * 1000;
  const open = handler.state.get(key);
  const { alert, tell: isTold } = raise(open, found, { now: handler.nowUs, cooldownUs });
  handler.state.put(key, alert);
  if (isTold) handler.emit('alert', alert);
}

function clear(about: Pick<Condition, 'rule' | 'subject'>, handler: HandlerContext<Alert>): void {
  const key = alertKey(about);
  const alert = resolve(handler.state.get(key), handler.nowUs);
  if (alert === undefined) return;
  handler.state.delete(key);
  handler.emit('alert', alert);
}

/** Breaches and slippage have no end of their own; without one they would be kept for ever. */
function lapse(handler: HandlerContext<Alert>, afterMs: number): void {
  const { state, nowUs } = handler;
  for (const [key, alert] of [...state.entries()]) {
    // Only the venue's word ends this one.
    if (alert.rule === 'order_unknown' || nowUs - alert.updated_at < afterMs * 1000) continue;
    state.delete(key);
    const over = resolve(alert, nowUs);
    if (over !== undefined) handler.emit('alert', over);
  }
}

/** What is read off tables: feeds, leaders, kill switches and risk figures against limits. */
function platformTables(
  port: Pick<ConstructorParameters<typeof TableView<'md.status'>>[0], 'bus' | 'codecs' | 'host'>,
  desk: AlertDesk,
  config: AlertingConfig,
) {
  const statuses = new TableView({ ...port, topic: 'md.status' });
  const leaders = new TableView({ ...port, topic: 'control.leader' });
  const kills = new TableView({ ...port, topic: 'control.kill' });
  const limits = new TableView({ ...port, topic: 'control.limit' });
  const metrics = new TableView({ ...port, topic: 'risk.metrics' });
  const follow = (about: Pick<Condition, 'rule' | 'subject'>, found: Condition | undefined) => {
    if (found === undefined) desk.resolve(about);
    else desk.raise(found);
  };
  statuses.onChange((instrument, status) => {
    if (status?.state === 'CONNECTING') return;
    follow({ rule: 'stale_feed', subject: instrument }, status && feedCondition(status));
  });
  leaders.onChange((_key, leader) => leader && desk.raise(leaderCondition(leader)));
  kills.onChange((_key, kill) => {
    if (kill === undefined) return;
    const subject = `${kill.scope} ${kill.scope_id}`;
    follow({ rule: 'kill_switch', subject }, killCondition(kill));
  });
  metrics.onChange((_key, figures) => {
    if (figures === undefined) return;
    for (const { subject, condition } of metricVerdicts(
      figures,
      limits.values(),
      config.nearFraction,
    )) {
      follow({ rule: 'risk_limit', subject }, condition);
    }
  });
  return {
    tables: [statuses, leaders, kills, limits, metrics],
    watchSilence: () => {
      for (const [instrument] of statuses.entries()) {
        const silentMs = statuses.ageMs(instrument) ?? 0;
        if (silentMs > config.statusSilenceMs) desk.raise(silentFeed(instrument, silentMs));
      }
    },
  };
}
