import { join } from 'node:path';
import { notReady, READY, type ServiceHost } from '@cerberus/runtime';
import { startVenueSim, type VenueSim, type VenueSimOptions } from '@cerberus/service-venue-sim';
import { ensureDemoBook } from './demo-book.ts';
import type { PlatformConfig } from './platform.ts';
import { spotPrices } from './spot-prices.ts';

/** Credentials of the simulated venue: they open nothing but the simulator on this machine. */
const SIMULATED_KEY = { apiKey: 'cerberus-simulated', apiSecret: 'cerberus-simulated' };

/** Feeds and orders of the simulator, and a demo book where no positions are given. */
export async function simulatedVenue(
  host: ServiceHost,
  config: PlatformConfig,
): Promise<PlatformConfig> {
  const sim = await openSimulator(host, config);
  const spot = { rest: sim.spotUrl, ws: sim.spotWsUrl };
  const usdm = { rest: sim.futuresUrl, ws: sim.futuresWsUrl };
  const withBook = await withDemoBook(host, config, async () => ({
    spots: await spotPrices(sim.spotUrl, config['market-data'].spot.symbols),
  }));
  return tradingOn(sim, {
    ...withBook,
    'market-data': {
      ...config['market-data'],
      spot: { ...config['market-data'].spot, ...spot },
      usdm: { ...config['market-data'].usdm, ...usdm },
    },
  });
}

/** The simulated venue with its ledger in the data folder, so that it outlives the process. */
export async function openSimulator(
  host: ServiceHost,
  { simulator }: PlatformConfig,
  market: Pick<VenueSimOptions, 'symbols' | 'replay' | 'mirror'> = {},
): Promise<VenueSim> {
  const sim = await startVenueSim({
    clock: host.clock,
    seed: simulator.seed,
    latencyMs: simulator.latencyMs,
    spotPort: simulator.spotPort,
    futuresPort: simulator.futuresPort,
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
    ...market,
  });
  await host.addPart({
    name: 'simulated-venue',
    ready: () => (sim.mirrorsLive() ? READY : notReady('a mirrored book is not in step yet')),
    stop: () => sim.stop(),
  });
  return sim;
}

/** Orders go to the simulator, wherever prices come from. */
export function tradingOn(sim: VenueSim, config: PlatformConfig): PlatformConfig {
  const { spot, usdm } = config.execution;
  return {
    ...config,
    execution: {
      ...config.execution,
      spot: { ...spot, rest: sim.spotUrl, ws: sim.spotWsUrl, ...SIMULATED_KEY },
      usdm: { ...usdm, rest: sim.futuresUrl, ws: sim.futuresWsUrl, ...SIMULATED_KEY },
    },
  };
}

/** The positions that were given, else a demo book around the prices of the moment. */
export async function withDemoBook(
  host: ServiceHost,
  config: PlatformConfig,
  market: Parameters<typeof ensureDemoBook>[2],
): Promise<PlatformConfig> {
  if (config.portfolio.openingPositions !== '') return config;
  const openingPositions = join(host.data.path, 'demo-positions.csv');
  await ensureDemoBook(openingPositions, host.clock.nowUs(), market);
  return { ...config, portfolio: { ...config.portfolio, openingPositions } };
}
