import { type Bus, DeadLetterWriter, TableView } from '@cerberus/bus';
import type { Candidate, Election, Term as LeaseTerm } from '@cerberus/coordination';
import { defineService, notReady, READY, type Readiness, readinessOf } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import type { Store } from '@cerberus/store';
import { EXECUTION_SECTION } from './config.ts';
import { EmitterTerm } from './emitter-term.ts';
import { IntentLedger } from './intent-ledger.ts';
import { KillSwitches } from './kill-switches.ts';
import { VenueDesk } from './venue-desk.ts';

export interface ExecutionPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
  readonly store: Store;
  readonly election: Election;
}

/** order.decision → venue → order.event, fill; only while this process leads. */
export const execution = defineService<typeof EXECUTION_SECTION, ExecutionPorts>({
  name: 'execution',
  config: EXECUTION_SECTION,
  create: async (context) => {
    const { bus, codecs, store, election, config, clock, supervisor } = context;
    const instanceId = config.instanceId || `execution-${context.ids.next().slice(-12)}`;
    const port = { bus, codecs, host: context };
    const intents = new IntentLedger(store, clock);
    await intents.migrate();
    const instruments = new TableView({ ...port, topic: 'ref.instrument' });
    const killTable = new TableView({ ...port, topic: 'control.kill' });
    for (const table of [instruments, killTable]) await table.start();
    await Promise.all([instruments.caughtUp, killTable.caughtUp]);
    const kills = new KillSwitches(killTable);
    const venues = new VenueDesk(context, config, instruments);
    const deadLetters = new DeadLetterWriter({
      ...{ bus, host: context, service: 'execution', instance: instanceId },
    });
    let leading: EmitterTerm | undefined;
    let candidate: Candidate | undefined;
    let aborter = new AbortController();

    const begin = async (lease: LeaseTerm): Promise<void> => {
      const over = new AbortController();
      aborter = over;
      const term = {
        token: lease.token,
        leading: () => lease.leading() && !over.signal.aborted,
        signal: over.signal,
      };
      leading = await EmitterTerm.begin({
        ...{ host: context, bus, codecs, intents, kills, deadLetters, instanceId, term },
        gateways: venues.gateways,
        gatewayOf: (order) => venues.gatewayOf(order),
        instrument: (id) => venues.instrument(id),
        settleMs: config.settleMs,
        sweepEveryMs: config.sweepEveryMs,
        // A leader whose log or ledger refuses it must not go on in any way: the process ends.
        onLost: (error) => {
          if (over.signal.aborted) return;
          over.abort();
          supervisor.stop(error, { component: 'emitter' });
        },
      });
    };

    const connected = venues.start({
      onReport: (report) => leading?.onReport(report),
      onGap: () => leading?.onGap(),
    });
    supervisor.watch(
      'emitter candidacy',
      connected.then(async () => {
        if (context.signal.aborted) return;
        candidate = await election.campaign({
          ...{ name: 'execution', instanceId },
          onElected: begin,
          onDeposed: (_term, reason) => {
            aborter.abort();
            // Standing again, it takes over from itself like from anybody else.
            supervisor.watch('emitter abandonment', leading?.abandon() ?? Promise.resolve());
            leading = undefined;
            if (reason !== 'resigned') context.log.error({ reason }, 'leadership ended');
          },
        });
      }),
    );
    context.metrics.gaugeOf('open_orders', 'Orders at work', () => leading?.openOrders ?? 0);
    context.metrics.gaugeOf('leading', '1 while this process may send orders', () =>
      leading === undefined ? 0 : 1,
    );
    return {
      ready: () => readiness(venues, leading, candidate),
      stop: async () => {
        await leading?.end();
        await candidate?.resign();
        await venues.stop();
        for (const table of [killTable, instruments]) await table.stop();
        await deadLetters.close();
      },
    };
  },
});

/** A candidate that follows is ready: it is the standby that take-over needs. */
function readiness(
  venues: VenueDesk,
  leading: EmitterTerm | undefined,
  candidate: Candidate | undefined,
): Readiness {
  const states = venues.gateways.map((gateway, index) => {
    const state = gateway.ready();
    const known: Readiness = state.ready ? READY : notReady(state.detail ?? 'not connected');
    return [`venue-${index}`, known] as const;
  });
  const election =
    candidate === undefined && leading === undefined ? notReady('waiting for venues') : READY;
  return readinessOf({ ...Object.fromEntries(states), election });
}
