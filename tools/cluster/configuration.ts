import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { configFileOf } from './plan.ts';
import type { Settings } from './settings.ts';

/** They open nothing but the simulator on this machine. */
const SIMULATED_KEY = { apiKey: 'cerberus-simulated', apiSecret: 'cerberus-simulated' };

type Tree = { readonly [key: string]: Tree | unknown };

/** The one file that all processes of the cluster read; readable by its owner only. */
export function writeConfiguration(settings: Settings): void {
  const own = settings.configFile === undefined ? {} : readTree(settings.configFile);
  const text = stringify(merged(own, clusterTree(settings)));
  const head = '# Written by cluster:up; changes belong into a file given with --config.\n';
  writeFileSync(configFileOf(settings.folder), head + text, { mode: 0o600 });
}

export function demoBookFile(folder: string): string {
  return join(folder, 'demo-positions.csv');
}

function clusterTree(settings: Settings): Tree {
  const { kafka, zookeeper, postgres, redis, registryPort, venuePort, folder } = settings;
  const spot = venueAt(venuePort);
  const usdm = venueAt(venuePort + 1);
  return {
    host: { logLevel: settings.logLevel, logFormat: 'json' },
    bus: { kafka: { brokers: kafka } },
    schemaRegistry: { url: `http://127.0.0.1:${registryPort}` },
    coordination: { zookeeper: { servers: zookeeper } },
    store: { url: postgres },
    cache: { url: redis },
    registry: { port: registryPort },
    'venue-sim': {
      spotPort: venuePort,
      futuresPort: venuePort + 1,
      seed: settings.seed,
      latencyMs: 2,
      accounts: [
        {
          ...{ name: 'desk', apiKey: SIMULATED_KEY.apiKey, secret: SIMULATED_KEY.apiSecret },
          spot: { USDT: '100000000', BTC: '1000', ETH: '10000' },
          futures: { USDT: '100000000' },
        },
      ],
    },
    'market-data': { spot, usdm },
    execution: { spot: { ...spot, ...SIMULATED_KEY }, usdm: { ...usdm, ...SIMULATED_KEY } },
    portfolio: { openingPositions: demoBookFile(folder) },
  };
}

function venueAt(port: number) {
  return { rest: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

function readTree(file: string): Tree {
  const tree: unknown = parse(readFileSync(file, 'utf8'));
  if (isTree(tree)) return tree;
  throw new Error(`${file} holds no settings: it must be a YAML mapping`);
}

/** Settings of one's own win where they name the same key: another venue, another book. */
function merged(own: Tree, base: Tree): Tree {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = base[key];
    result[key] = isTree(value) && isTree(below) ? merged(value, below) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
