import { DeadLetterWriter, TableView } from '@cerberus/bus';
import { defineService } from '@cerberus/runtime';
import { Candidacy } from './candidacy.ts';
import { EXECUTION_SECTION } from './config.ts';
import { checkConfig } from './config-check.ts';
import { DecisionFeed } from './decision-feed.ts';
import { IntentLedger } from './intent-ledger.ts';
import { KillSwitches } from './kill-switches.ts';
import { OrderMirror } from './order-mirror.ts';
import type { ExecutionPorts } from './ports.ts';
import { VenueDesk } from './venue-desk.ts';

/** order.decision → venue → order.event, fill; only while this process leads. */
export const execution = defineService<typeof EXECUTION_SECTION, ExecutionPorts>({
  name: 'execution',
  config: EXECUTION_SECTION,
  create: async (context) => {
    const { bus, codecs, store, clock, election } = context;
    checkConfig(context.config, election.times);
    const instanceId = context.config.instanceId || `execution-${context.instance}`;
    const port = { bus, codecs, host: context };
    const intents = new IntentLedger(store, clock);
    await intents.migrate();
    const instruments = new TableView({ ...port, topic: 'ref.instrument' });
    const killTable = new TableView({ ...port, topic: 'control.kill' });
    const tables = [instruments, killTable];
    await Promise.all(tables.map((table) => table.start()));
    await Promise.all(tables.map(({ caughtUp }) => caughtUp));
    const deadLetters = new DeadLetterWriter({ bus, host: context, service: 'execution' });
    const kills = new KillSwitches(killTable, (id) => instruments.get(id)?.underlying);
    const mirror = new OrderMirror(context);
    const feed = new DecisionFeed(context);
    const candidacy = new Candidacy(context, {
      ...{ instanceId, intents, deadLetters, kills, mirror, feed },
      venues: new VenueDesk(context, context.config, instruments),
    });
    candidacy.start();
    return {
      ready: () => candidacy.ready(),
      stop: async () => {
        await candidacy.stop();
        await Promise.all([feed.stop(), mirror.stop()]);
        for (const table of [killTable, instruments]) await table.stop();
        await deadLetters.close();
      },
    };
  },
});
