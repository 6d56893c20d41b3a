import { type Bus, jsonSerializer, PartitionedProcessor, TableView } from '@cerberus/bus';
import { CerberusError, faultOf } from '@cerberus/core';
import { defineService, type HostContext, READY, readinessOf } from '@cerberus/runtime';
import type { Alert, Codecs } from '@cerberus/schema';
import { ALERTING_SECTION, type AlertingConfig } from './config.ts';
import { ALERTING_ERRORS } from './errors.ts';
import { type OrderInput, onOrderInput } from './order-alerts.ts';
import { PlatformAlerts } from './platform-alerts.ts';
import { PlatformWatch } from './platform-watch.ts';
import { ResolvedAlerts } from './resolved-alerts.ts';
import { VerdictLog } from './verdict.ts';
import { Webhook } from './webhook.ts';

export interface AlertingPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

const INPUTS = ['order.decision', 'order.event', 'tca.report'] as const;
const TICK_MS = 250;

/** Streams, tables and dead letters → alert, and from there to the webhook. */
export const alerting = defineService<typeof ALERTING_SECTION, AlertingPorts>({
  name: 'alerting',
  config: ALERTING_SECTION,
  create: async (context) => {
    const { bus, codecs, config } = context;
    const port = { bus, codecs, host: context };
    const webhook = webhookOf(context, config);
    const partitions = bus.partitions(INPUTS[0]);
    const verdicts = new VerdictLog(partitions);
    const watch = new PlatformWatch({ port, config, verdicts });
    const resolved = new ResolvedAlerts({ partitions, keepMs: config.keepResolvedMs });
    const alerts = new TableView({ ...port, topic: 'alert' });
    alerts.onChange((alertId, alert) => resolved.note(alertId, alert));
    const platform = new PlatformAlerts({
      ...{ verdicts, resolved, config },
      refresh: () => watch.refresh(),
    });
    const processor = new PartitionedProcessor<OrderInput, Alert>({
      ...{ ...port, service: 'alerting', inputs: INPUTS, patience: { ms: 1000 } },
      state: { topic: 'alerting.state', serializer: jsonSerializer<Alert>('alert', 1) },
      handle: (input, handler) => onOrderInput(input, handler, config),
      tick: {
        everyMs: Math.min(TICK_MS, config.resolveAfterMs, config.keepResolvedMs),
        run: (handler) => platform.tick(handler),
      },
    });
    await Promise.all([watch.start(), alerts.start()]);
    await processor.start();
    await webhook?.start();
    return {
      ready: () =>
        readinessOf({ processor: processor.ready(), webhook: webhook?.ready() ?? READY }),
      stop: async () => {
        for (const part of [webhook, processor, watch, alerts]) await part?.stop();
      },
    };
  },
});

function webhookOf(host: HostContext & AlertingPorts, config: AlertingConfig): Webhook | undefined {
  if (config.webhookUrl === '') return undefined;
  const { webhookUrl: url, webhookSecret: secret } = config;
  if (!URL.canParse(url)) throw unusable('alerting.webhookUrl', 'a URL', url);
  // A signature that everybody can make proves nothing.
  if (secret === '') throw unusable('alerting.webhookSecret', 'a secret to sign with', 'none');
  const { bus, codecs } = host;
  const { webhookTimeoutMs: timeoutMs, webhookMaxAgeMs: maxAgeMs } = config;
  return new Webhook({ bus, codecs, host, url, secret, timeoutMs, maxAgeMs });
}

function unusable(path: string, expected: string, received: string): CerberusError {
  return new CerberusError(faultOf(ALERTING_ERRORS.WEBHOOK_UNUSABLE, { path, expected, received }));
}
