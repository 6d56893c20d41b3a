// Kills processes of a real cluster at random under a steady order flow: services, the leading emitter,
// Kafka, ZooKeeper, PostgreSQL, Redis. At the end the simulated venue's own ledger is joined to the
// approvals. Prints one JSON object.
//   npm run -s chaos:cluster -- --kills 300 --seed 1
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRng } from '@cerberus/runtime';
import { Cluster, INFRA_PARTS, type InfraPart, type Instance } from './cluster-process.ts';
import { isClean, judge, type Verdict } from './judge.ts';
import { readClusterLog } from './ledger-log.ts';
import { OrderFlow } from './order-flow.ts';
import { comeToRest, pause } from './platform-client.ts';
import { Recovery, type Times } from './recovery.ts';

export interface CampaignOptions {
  /** Of service processes; parts of the infrastructure are killed besides. */
  readonly kills: number;
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly port: number;
  readonly scale: string;
  readonly brokers: 1 | 3;
  /** Parts of the infrastructure that are killed, and how often; all, once for 60 processes, where absent. */
  readonly parts?: readonly InfraPart[];
  readonly rounds?: number;
  onProgress?(message: string): void;
}

export interface CampaignResult extends Verdict {
  readonly clean: boolean;
  readonly seed: number;
  readonly kills: number;
  readonly leader_kills: number;
  readonly infrastructure_kills: Readonly<Record<InfraPart, number>>;
  readonly attempts: number;
  readonly acknowledged: number;
  readonly unanswered: number;
  readonly longest_gap_ms: number;
  readonly not_recovered: readonly string[];
  readonly still_open: number;
  readonly recovery: Readonly<Record<string, Times>>;
  readonly minutes: number;
}

/** Every fourth kill hits the emitter that leads; every fifth does not wait for the one before. */
const LEADER_EVERY = 4;
const OVERLAP_EVERY = 5;
/** One kill of every part of the infrastructure for so many of processes, at least one. */
const PROCESSES_PER_PART = 60;
const PAUSE_MS_MAX = 1500;
/** How long a part stays away before it is started again. */
const AWAY_MS_MAX = 2000;

export async function runClusterCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { port, scale, brokers, onProgress = () => undefined } = options;
  const folder = mkdtempSync(join(tmpdir(), 'cerberus-cluster-kills-'));
  chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data.
  const cluster = new Cluster({ folder, port, scale, brokers, brief: true });
  let result: CampaignResult | undefined;
  try {
    onProgress('starting');
    await cluster.start();
    result = await underOrders(cluster, options);
  } finally {
    // Also where the campaign itself failed: its servers must not outlive it.
    await cluster.stop();
    if (result?.clean === true) rmSync(folder, { recursive: true, force: true });
    else console.error(`kept for inspection: ${folder}`);
  }
  return result;
}

async function underOrders(cluster: Cluster, options: CampaignOptions): Promise<CampaignResult> {
  const { seed, ordersPerSecond, onProgress = () => undefined } = options;
  const startedMs = performance.now();
  const flow = new OrderFlow({
    ...{ url: cluster.url, apiKey: () => cluster.apiKey(), ordersPerSecond },
    rng: new SeededRng(seed + 1),
    onGap: (gapMs) => onProgress(`no order was acknowledged for ${gapMs} ms`),
  });
  flow.start();
  const campaign = new Campaign(cluster, options);
  try {
    await campaign.run();
  } finally {
    await flow.stop();
  }
  onProgress('coming to rest');
  const open = await comeToRest(cluster);
  const verdict = judge({
    log: await readClusterLog(cluster),
    venueLedger: cluster.venueLedger,
    acknowledged: flow.acknowledgedIds,
  });
  const { recovery, kills, leaderKills, partKills } = campaign;
  const clean = isClean(verdict) && open.length === 0 && recovery.failures.length === 0;
  return {
    ...{ clean, seed, kills, leader_kills: leaderKills },
    infrastructure_kills: partKills,
    ...flow.counts,
    ...verdict,
    ...{ not_recovered: recovery.failures, still_open: open.length },
    recovery: Object.fromEntries(recovery.known.map((what) => [what, recovery.timesOf(what)])),
    minutes: Math.round((performance.now() - startedMs) / 6000) / 10,
  };
}

class Campaign {
  readonly recovery: Recovery;
  readonly partKills: Record<InfraPart, number> = { kafka: 0, zookeeper: 0, postgres: 0, redis: 0 };
  kills = 0;
  leaderKills = 0;
  readonly #cluster: Cluster;
  readonly #options: CampaignOptions;
  readonly #rng: SeededRng;

  constructor(cluster: Cluster, options: CampaignOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#rng = new SeededRng(options.seed);
    this.recovery = new Recovery(cluster);
  }

  async run(): Promise<void> {
    const { kills, parts = INFRA_PARTS, onProgress } = this.#options;
    const rounds = this.#options.rounds ?? Math.max(1, Math.floor(kills / PROCESSES_PER_PART));
    const order = Array.from({ length: rounds }, () => parts).flat();
    const every = Math.max(1, Math.floor(kills / order.length));
    let overlapping = Promise.resolve();
    while (this.kills < kills) {
      await pause(this.#rng.nextDouble() * PAUSE_MS_MAX);
      const target = await this.#target();
      if (!this.#cluster.kill(target.name)) continue; // It is starting again just now.
      this.kills += 1;
      const done = this.#recovered(target);
      if (this.kills % OVERLAP_EVERY === 0) overlapping = done;
      else await Promise.all([done, overlapping]);
      const part = this.kills % every === 0 ? order.shift() : undefined;
      if (part !== undefined) await this.#killPart(part);
      onProgress?.(`${this.kills} kills, last of ${target.name}`);
    }
    await overlapping;
    for (const part of order) {
      await pause(PAUSE_MS_MAX);
      await this.#killPart(part);
    }
    await this.recovery.ofAll();
  }

  async #target(): Promise<Instance> {
    const { instances } = this.#cluster;
    if ((this.kills + 1) % LEADER_EVERY === 0) {
      const leader = await this.#cluster.leader();
      if (leader !== undefined) return leader;
    }
    // The venue is the outside world: it is what all is measured against.
    const ours = instances.filter(({ name }) => !name.startsWith('venue-sim'));
    return ours[Math.floor(this.#rng.nextDouble() * ours.length)] as Instance;
  }

  async #recovered(target: Instance): Promise<void> {
    const sinceMs = performance.now();
    const wasLeader = this.kills % LEADER_EVERY === 0 && target.name.startsWith('execution-');
    if (wasLeader) {
      this.leaderKills += 1;
      await this.recovery.ofLeader(target, sinceMs);
    }
    await this.recovery.ofService(target, sinceMs);
  }

  async #killPart(part: InfraPart): Promise<void> {
    const { brokers } = this.#options;
    const number = 1 + Math.floor(this.#rng.nextDouble() * brokers);
    const name = part === 'kafka' && brokers > 1 ? `kafka-${number}` : part;
    if (!this.#cluster.killPart(name)) throw new Error(`${name} did not run`);
    this.partKills[part] += 1;
    const sinceMs = performance.now();
    let isServing = false;
    const started = pause(this.#rng.nextDouble() * AWAY_MS_MAX).then(async () => {
      await this.#cluster.infraUp(part);
      isServing = true;
    });
    this.#options.onProgress?.(`killed ${name}`);
    await Promise.all([started, this.recovery.ofPart(part, sinceMs, () => isServing)]);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '10' },
      port: { type: 'string', default: '31000' },
      scale: { type: 'string', default: '' },
      brokers: { type: 'string', default: '1' },
      parts: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const isPart = (text: string): text is InfraPart => INFRA_PARTS.some((part) => part === text);
  const result = await runClusterCampaign({
    kills: Number(values.kills),
    seed: Number(values.seed),
    ordersPerSecond: Number(values.rate),
    port: Number(values.port),
    scale: values.scale,
    brokers: values.brokers === '3' ? 3 : 1,
    ...(values.parts === undefined ? {} : { parts: values.parts.split(',').filter(isPart) }),
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    onProgress: (message) => {
      process.stderr.write(`${(performance.now() / 1000).toFixed(1)} s: ${message}\n`);
    },
  });
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = result.clean ? 0 : 1;
}
