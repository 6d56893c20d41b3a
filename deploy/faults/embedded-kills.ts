// Kills the embedded run at random moments under a steady order flow, starts it again, and at the end
// joins the simulated venue's own ledger to the approvals. Prints one JSON object.
//   node deploy/faults/embedded-kills.ts --kills 200 --seed 1
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRng } from '@cerberus/runtime';
import { isClean, judge, type Verdict } from './judge.ts';
import { readEmbeddedLog } from './ledger-log.ts';
import { OrderFlow } from './order-flow.ts';
import { comeToRest, pause, percentile } from './platform-client.ts';
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
  const open = await comeToRest(platform);
  if (open.length > 0) console.error(`still open: ${open.slice(0, 5).join(', ')}`);
  await platform.kill('SIGTERM');
  const verdict = judge({
    log: await readEmbeddedLog(dataDir),
    venueLedger: join(dataDir, 'venue', 'ledger.jsonl'),
    acknowledged: flow.acknowledgedIds,
  });
  const clean = isClean(verdict);
  if (clean) rmSync(folder, { recursive: true, force: true });
  else console.error(`kept for inspection: ${folder}`);
  return {
    ...{ kills, seed, clean },
    ...flow.counts,
    ...verdict,
    restart_ms_p50: percentile(restarts, 0.5),
    restart_ms_max: percentile(restarts, 1),
  };
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
