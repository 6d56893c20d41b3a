import { join } from 'node:path';
import type { ServiceHost } from '@cerberus/runtime';
import { type ReplayConfig, startVenueSim, type VenueSim } from '@cerberus/service-venue-sim';
import type { SimulatorConfig } from './sections.ts';

/** Credentials of the simulated venue: they open nothing but the simulator on this machine. */
export const SIMULATED_KEY = { apiKey: 'cerberus-simulated', apiSecret: 'cerberus-simulated' };

/** The simulated venue with its ledger in the data folder, so that it outlives the process. */
export async function openSimulatedVenue(
  host: ServiceHost,
  config: SimulatorConfig,
  replay: readonly ReplayConfig[] = [],
): Promise<VenueSim> {
  const sim = await startVenueSim({
    clock: host.clock,
    seed: config.seed,
    latencyMs: config.latencyMs,
    spotPort: config.spotPort,
    futuresPort: config.futuresPort,
    ledgerFile: join(host.data.folder('venue'), 'ledger.jsonl'),
    accounts: [
      {
        account: 'desk',
        apiKey: SIMULATED_KEY.apiKey,
        secret: SIMULATED_KEY.apiSecret,
        spot: { USDT: '100000000', BTC: '1000', ETH: '10000' },
        futures: { USDT: '100000000' },
      },
    ],
    ...(replay.length === 0 ? {} : { replay }),
  });
  await host.addPart({
    name: 'simulated-venue',
    ready: () => ({ ready: true }),
    stop: () => sim.stop(),
  });
  return sim;
}
