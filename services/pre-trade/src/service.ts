import { type Bus, PartitionedProcessor } from '@cerberus/bus';
import { defineService, type HostContext, readinessOf } from '@cerberus/runtime';
import type { Codecs, OrderDecision } from '@cerberus/schema';
import { PRE_TRADE_SECTION, type PreTradeConfig } from './config.ts';
import { Gate } from './gate.ts';
import { GATE_SERIALIZER, type GateEntry } from './gate-entry.ts';
import { GateInputs } from './gate-inputs.ts';
import { limitsOf, seedLimits } from './limit-seeds.ts';

export interface PreTradePorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

type GateTopics = 'order.request' | 'order.event' | 'position.adjustment' | 'fill';
const MICROS_PER_SECOND = 1e6;
const EVENTS_WAIT_MS = 200;

/** order.request → order.decision; order.event, position.adjustment and coin fees move what is held. */
export const preTrade = defineService<typeof PRE_TRADE_SECTION, PreTradePorts>({
  name: 'pre-trade',
  config: PRE_TRADE_SECTION,
  create: async (context) => {
    const limits = limitsOf(context.config.limits, context.clock.nowUs());
    const inputs = new GateInputs(context);
    await inputs.start();
    const seeded = await seedLimits(context, inputs.limits, limits);
    if (seeded > 0) context.log.info({ seeded }, 'limits of the configuration were written');
    const processor = createProcessor(context, context.config, inputs);
    await processor.start();
    return {
      ready: () => readinessOf({ inputs: inputs.ready(), processor: processor.ready() }),
      stop: async () => {
        await processor.stop();
        await inputs.stop();
      },
    };
  },
});

function createProcessor(
  host: HostContext & PreTradePorts,
  config: PreTradeConfig,
  inputs: GateInputs,
): PartitionedProcessor<GateTopics, GateEntry> {
  const { bus, codecs, clock } = host;
  const measures = createMeasures(host);
  const gate = new Gate({
    ...{ market: inputs.market, clock, approvalMs: config.approvalMs },
    notReady: () => inputs.notReady(),
  });
  return new PartitionedProcessor({
    ...{ service: 'pre-trade', bus, codecs, host },
    inputs: ['order.request', 'order.event', 'position.adjustment', 'fill'] as const,
    state: { topic: 'pre-trade.state', serializer: GATE_SERIALIZER },
    tables: inputs.tables,
    // An order counts as working until its events have been read: those may wait, requests may not.
    patience: { ms: EVENTS_WAIT_MS, topics: ['order.event', 'position.adjustment', 'fill'] },
    handle(input, context) {
      switch (input.topic) {
        case 'order.request':
          return measures.decided(gate.decide(input.message, context));
        case 'order.event':
          return measures.followed(gate.follow(input.message, context));
        case 'position.adjustment':
          gate.adjust(input.message, context);
          return;
        case 'fill':
          gate.charge(input.message, context);
      }
    },
  });
}

function createMeasures({ metrics }: HostContext) {
  const decisions = metrics.counter('pre_trade_decisions_total', 'Requests by kind and outcome', [
    'kind',
    'outcome',
  ]);
  const failed = metrics.counter('pre_trade_failed_checks_total', 'Failed checks by code', [
    'code',
    'severity',
  ]);
  const events = metrics.counter('pre_trade_order_events_total', 'Order events by outcome', [
    'outcome',
  ]);
  const duration = metrics.histogram('pre_trade_check_seconds', 'Time to judge one request');
  return {
    decided(decision: OrderDecision | undefined): void {
      if (decision === undefined) {
        decisions.inc({ kind: 'any', outcome: 'REPEATED' });
        return;
      }
      decisions.inc({ kind: decision.kind, outcome: decision.outcome });
      duration.observe(decision.elapsed_us / MICROS_PER_SECOND);
      for (const { passed, code, severity } of decision.checks) {
        if (!passed) failed.inc({ code, severity });
      }
    },
    followed: (outcome: string): void => events.inc({ outcome }),
  };
}
