import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const POLL_MS = 25;
const START_MS_MAX = 60_000;

export interface PlatformProcessOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly seed: number;
  /** Where the process writes what it has to say. */
  readonly logFile: string;
  /** Settings beside those of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The whole embedded run, `cerberus up`, as a process that can be killed. */
export class PlatformProcess {
  readonly #options: PlatformProcessOptions;
  #child: ChildProcess | undefined;

  constructor(options: PlatformProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  /** The key of the data folder; there is none before the first start has come that far. */
  apiKey(): string {
    return readFileSync(join(this.#options.dataDir, 'api-key'), 'utf8').trim();
  }

  start(): void {
    const { dataDir, port, seed, logFile, environment } = this.#options;
    const log = openSync(logFile, 'a');
    this.#child = spawn(
      process.execPath,
      [
        'services/cerberus/src/main.ts',
        ...['up', '--data-dir', dataDir, '--port', String(port), '--seed', String(seed), '--json'],
      ],
      {
        cwd: ROOT,
        stdio: ['ignore', log, log],
        env: { ...process.env, CERBERUS_EXECUTION_SWEEP_EVERY_MS: '5000', ...environment },
      },
    );
    closeSync(log);
  }

  /** Resolves when every service is ready; throws where the process ended or does not come up. */
  async ready(): Promise<void> {
    const deadline = Date.now() + START_MS_MAX;
    for (;;) {
      const child = this.#child;
      if (child === undefined || child.exitCode !== null) {
        throw new Error(`the platform ended while starting: see ${this.#options.logFile}`);
      }
      if (await this.#isReady()) return;
      if (Date.now() > deadline) throw new Error('the platform did not become ready');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(1000) });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false; // Not listening yet: the next poll asks again.
    }
  }
}
