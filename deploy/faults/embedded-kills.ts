// Kills the embedded run at random moments under a steady order flow, starts it again, and at the end
// joins the simulated venue's own ledger to the approvals. Prints one JSON object.
//   node deploy/faults/embedded-kills.ts --kills 200 --seed 1
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRng } from '@cerberus/runtime';
import { isClean, judge, type Verdict } from './judge.ts';
import { OrderFlow } from './order-flow.ts';
import { PlatformProcess } from './platform-process.ts';

export interface CampaignOptions {
  readonly kills: number;
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly port: number;
  readonly onProgress?: (done: number) => void;
}

export interface CampaignResult extends Verdict {
  readonly kills: number;
  readonly seed: number;
  readonly attempts: number;
  readonly acknowledged: number;
  readonly unanswered: number;
  readonly blocked: number;
  readonly cancels: number;
  readonly restart_ms_p50: number;
  readonly restart_ms_max: number;
  readonly clean: boolean;
}

/** A kill comes at any time up to this long after the start; start-up itself is hit too. */
const LIFE_MS_MAX = 5000;
const REST_MS_MAX = 60_000;
const PAUSE_MS = 250;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { kills, seed, port, ordersPerSecond, onProgress } = options;
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-kills-'));
  // PostgreSQL, which never runs as root, must reach its data.
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const logFile = join(folder, 'platform.log');
  const rng = new SeededRng(seed);
  const platform = new PlatformProcess({ dataDir, port, seed, logFile });
  const restarts: number[] = [];
  platform.start();
  await platform.ready();
  const flow = new OrderFlow({
    ...{ url: platform.url, apiKey: () => platform.apiKey(), ordersPerSecond },
    rng: new SeededRng(seed + 1),
  });
  flow.start();
  for (let kill = 1; kill <= kills; kill += 1) {
    await pause(rng.nextDouble() * LIFE_MS_MAX);
    await platform.kill('SIGKILL');
    const began = Date.now();
    platform.start();
    // Every third time it is left to itself while it starts, so that the next kill can hit that.
    if (kill % 3 !== 0 || kill === kills) {
      await platform.ready();
      restarts.push(Date.now() - began);
    }
    onProgress?.(kill);
  }
  await platform.ready();
  await flow.stop();
  await comeToRest(platform);
  await platform.kill('SIGTERM');
  const verdict = await judge(dataDir, flow.acknowledgedIds);
  const clean = isClean(verdict);
  if (clean) rmSync(folder, { recursive: true, force: true });
  else console.error(`kept for inspection: ${folder}`);
  restarts.sort((a, b) => a - b);
  return {
    ...{ kills, seed, clean },
    ...flow.counts,
    ...verdict,
    restart_ms_p50: restarts[Math.floor(restarts.length / 2)] ?? 0,
    restart_ms_max: restarts.at(-1) ?? 0,
  };
}

const AT_WORK = ['PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL', 'UNKNOWN', 'PENDING'];

/** Cancels what rests, then waits until no order is open or unknown. */
async function comeToRest(platform: PlatformProcess): Promise<void> {
  const deadline = Date.now() + REST_MS_MAX;
  for (;;) {
    const open = await openOrders(platform);
    if (open.length === 0) return;
    if (Date.now() > deadline) {
      console.error(`still open after ${REST_MS_MAX} ms: ${open.slice(0, 5).join(', ')}`);
      return;
    }
    for (const id of open) await call(platform, `/orders/${id}`, 'DELETE');
    await pause(PAUSE_MS);
  }
}

async function openOrders(platform: PlatformProcess): Promise<string[]> {
  const pages = await Promise.all(
    AT_WORK.map((status) => call(platform, `/orders?limit=100&status=${status}`, 'GET')),
  );
  return pages.flatMap((page) =>
    (page as { items: { order_id: string }[] }).items.map(({ order_id }) => order_id),
  );
}

async function call(platform: PlatformProcess, path: string, method: string): Promise<unknown> {
  const headers = { 'x-api-key': platform.apiKey() };
  const response = await fetch(`${platform.url}/api/v1/risk${path}`, { method, headers });
  return response.json();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '20' },
      port: { type: 'string', default: '18080' },
    },
  });
  const result = await runCampaign({
    kills: Number(values.kills),
    seed: Number(values.seed),
    ordersPerSecond: Number(values.rate),
    port: Number(values.port),
    onProgress: (done) => process.stderr.write(`\r${done} kills `),
  });
  process.stderr.write('\n');
  console.log(JSON.stringify(result, null, 2));
  process.exit(result.clean ? 0 : 1);
}
