import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningPid } from '../../tools/background-process.ts';
import type { PlatformAddress } from './platform-client.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const INFRA = 'tools/infra/main.ts';
export const INFRA_PARTS = ['kafka', 'zookeeper', 'postgres', 'redis'] as const;
export type InfraPart = (typeof INFRA_PARTS)[number];

export interface ClusterOptions {
  /** Everything lies below it: infrastructure, cluster, logs. */
  readonly folder: string;
  /** First of the ports taken: up to 400 above it. */
  readonly port: number;
  readonly scale: string;
  readonly brokers: 1 | 3;
  /** Kafka by TLS, with users and rights. */
  readonly secure?: boolean;
  /** Brokers that are killed after minutes. */
  readonly brief?: boolean;
  /** YAML settings beside those of the cluster. */
  readonly config?: string;
}

export interface Instance {
  readonly name: string;
  readonly health: string;
}

/** Infrastructure and every service as processes, started by the commands that users start them with. */
export class Cluster implements PlatformAddress {
  readonly #options: ClusterOptions;
  #instances: readonly Instance[] = [];
  #keyFile = '';

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get registryUrl(): string {
    return `http://127.0.0.1:${this.#options.port + 20}`;
  }

  get brokers(): readonly string[] {
    const { brokers } = this.#options;
    return Array.from({ length: brokers }, (_, n) => `127.0.0.1:${this.#kafkaPort + n}`);
  }

  /** Where certificate and passwords of Kafka are; undefined for one in plain text. */
  get kafkaSecurity(): string | undefined {
    const { secure, folder } = this.#options;
    return secure === true ? join(folder, 'infra', 'kafka-security') : undefined;
  }

  get zookeeper(): string {
    return `127.0.0.1:${this.#options.port + 281}`;
  }

  get postgresUrl(): string {
    return `postgres://cerberus@127.0.0.1:${this.#options.port + 282}/cerberus`;
  }

  get redisUrl(): string {
    return `redis://127.0.0.1:${this.#options.port + 279}`;
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  get folder(): string {
    return join(this.#options.folder, 'cluster');
  }

  get venueLedger(): string {
    return join(this.folder, 'data/services/venue-sim/venue-sim-1/venue-sim/ledger.jsonl');
  }

  apiKey(): string {
    return readFileSync(this.#keyFile, 'utf8').trim();
  }

  /** Starts what does not run of the infrastructure; all parts where none is named. */
  async infraUp(...parts: readonly string[]): Promise<void> {
    await this.#infra('up', ...parts);
  }

  async start(): Promise<void> {
    await this.infraUp();
    await this.scale(this.#options.scale);
  }

  /** Also changes a running cluster. */
  async scale(scale: string): Promise<void> {
    const { port, config } = this.#options;
    const text = await this.#cluster('up', [
      '--json',
      ...['--scale', scale, '--port', String(port), '--registry-port', String(port + 20)],
      ...['--venue-port', String(port + 10), '--health-port', String(port + 300)],
      ...['--kafka', this.brokers.join(','), '--zookeeper', this.zookeeper],
      ...['--postgres', this.postgresUrl, '--redis', this.redisUrl],
      ...(this.kafkaSecurity === undefined ? [] : ['--kafka-security', this.kafkaSecurity]),
      ...(config === undefined ? [] : ['--config', config]),
    ]);
    const { processes, api_key_file } = JSON.parse(text) as {
      processes: Instance[];
      api_key_file: string;
    };
    this.#instances = processes;
    this.#keyFile = api_key_file;
  }

  async stop(): Promise<void> {
    await this.#cluster('down', []);
    await this.#infra('down', '--wipe');
  }

  pidOf(instance: string): number | undefined {
    return runningPid(join(this.folder, 'run', `${instance}.pid`));
  }

  /** False where it does not run just now. */
  kill(instance: string, signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return killed(this.pidOf(instance), signal);
  }

  killPart(part: string): boolean {
    const pid = runningPid(join(this.#options.folder, 'infra', 'run', `${part}.pid`));
    return killed(pid, 'SIGKILL');
  }

  async isReady({ health }: Instance): Promise<boolean> {
    return (await this.#get(`${health}/ready`))?.status === 200;
  }

  /** The one execution process that may send orders now. */
  async leader(): Promise<Instance | undefined> {
    const candidates = this.#instances.filter(({ name }) => name.startsWith('execution-'));
    const leads = await Promise.all(
      candidates.map(async ({ health }) => {
        const response = await this.#get(`${health}/metrics`);
        return /^cerberus_leading(\{[^}]*\})? 1$/m.test((await response?.text()) ?? '');
      }),
    );
    return candidates[leads.indexOf(true)];
  }

  async #get(url: string): Promise<Response | undefined> {
    try {
      return await fetch(url, { signal: AbortSignal.timeout(1000) });
    } catch {
      return undefined; // Not there just now: that is what is being tried.
    }
  }

  get #kafkaPort(): number {
    return this.#options.port + 92;
  }

  /** For a shell: kills the part and has it up again when it returns. */
  restartCommand(part: string): string {
    const pidFile = join(this.#options.folder, 'infra', 'run', `${part}.pid`);
    const again = [process.execPath, join(ROOT, INFRA), ...this.#infraArguments('up', part)];
    return `kill -9 $(cut -d' ' -f1 ${pidFile}); sleep 1; ${again.join(' ')}`;
  }

  #infra(command: string, ...rest: readonly string[]): Promise<string> {
    return run(INFRA, this.#infraArguments(command, ...rest));
  }

  #infraArguments(command: string, ...rest: readonly string[]): string[] {
    const { folder, port, brokers, secure, brief } = this.#options;
    return [
      ...[command, ...rest, '--folder', join(folder, 'infra'), '--brokers', String(brokers)],
      ...(secure === true ? ['--secure'] : []),
      ...(brief === true ? ['--brief'] : []),
      ...['--kafka-port', String(this.#kafkaPort), '--zookeeper-port', String(port + 281)],
      ...['--postgres-port', String(port + 282), '--redis-port', String(port + 279)],
    ];
  }

  #cluster(command: string, rest: readonly string[]): Promise<string> {
    return run('tools/cluster/main.ts', [command, '--folder', this.folder, ...rest]);
  }
}

function killed(pid: number | undefined, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // It ended between the look and the kill.
  }
}

/** What the command printed; its failure with everything it said. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: ROOT });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${args.slice(0, 2).join(' ')}:\n${output}${errors}`));
    });
  });
}
