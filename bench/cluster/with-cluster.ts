import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Cluster } from '../../deploy/faults/cluster-process.ts';
import { note } from '../result.ts';

/** Below the ports that the system gives to connections. */
const PORT = 26_000;
const BOOK = [
  'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier',
  'demo,cash,,1500000,,USDT,,,',
  'demo,spot,BTCUSDT,8,52000,USDT,BINANCE,,',
  'demo,perpetual,BTCUSDT-PERP,-3,52000,USDT,BINANCE,,',
  'hedge,cash,,500000,,USDT,,,',
];

/** Runs the work on a cluster of its own, infrastructure included, with these settings. */
export async function withCluster<R>(
  {
    scale,
    settings,
    book = [],
  }: {
    readonly scale: string;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Lines of the book of positions beside spot, perpetual and cash. */
    readonly book?: readonly string[];
  },
  work: (cluster: Cluster) => Promise<R>,
): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-bench-cluster-'));
  chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
  const positions = join(folder, 'positions.csv');
  writeFileSync(positions, [...BOOK, ...book, ''].join('\n'));
  const config = join(folder, 'bench.yaml');
  const portfolio = { openingPositions: positions };
  writeFileSync(config, stringify({ portfolio, ...settings }));
  const cluster = new Cluster({ folder, port: PORT, scale, brokers: 1, config });
  try {
    note('    starting the cluster');
    await cluster.start();
    return await work(cluster);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
