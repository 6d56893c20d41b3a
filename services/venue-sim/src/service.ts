import { join } from 'node:path';
import { defineService, READY } from '@cerberus/runtime';
import { VENUE_SIM_SECTION } from './config.ts';
import { startVenueSim } from './venue-sim.ts';

const LEDGER_FILE = 'ledger.jsonl';

/** The simulated venue as a service: its ledger lies in the data folder of the process. */
export const venueSim = defineService({
  name: 'venue-sim',
  config: VENUE_SIM_SECTION,
  create: async ({ config, clock, data, log }) => {
    const sim = await startVenueSim({
      clock,
      host: config.host,
      spotPort: config.spotPort,
      futuresPort: config.futuresPort,
      seed: config.seed,
      latencyMs: config.latencyMs,
      leverage: config.leverage,
      weightLimits: config.weightLimits,
      flushLedger: config.flushLedger,
      ledgerFile: join(data.folder('venue-sim'), LEDGER_FILE),
      accounts: config.accounts.map(({ name, ...account }) => ({ ...account, account: name })),
      replay: config.replay.map((replay) => ({
        ...replay,
        speed: replay.speed === 0 ? ('max' as const) : replay.speed,
      })),
    });
    log.info({ spot: sim.spotUrl, futures: sim.futuresUrl }, 'simulated venue is open');
    return {
      ready: () => READY,
      routes: [
        {
          method: 'GET' as const,
          path: '/venue-sim/endpoints',
          handle: () => ({
            status: 200,
            body: {
              spot: { rest: sim.spotUrl, ws: sim.spotWsUrl },
              usdm: { rest: sim.futuresUrl, ws: sim.futuresWsUrl },
            },
          }),
        },
      ],
      stop: () => sim.stop(),
    };
  },
});
