import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** One line of its log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** One `execution` service as a process of its own, that can be killed. */
export class EmitterProcess {
  readonly instance: string;
  readonly lines: LogLine[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'cerberus-emitter-'));
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  constructor(instance: string, environment: Readonly<Record<string, string>>) {
    this.instance = instance;
    this.#environment = environment;
  }

  get name(): string {
    return `execution-${this.instance}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    const child = spawn(process.execPath, [MAIN], {
      cwd: this.#folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        CERBERUS_HOST_INSTANCE: this.instance,
        CERBERUS_HOST_DATA_DIR: this.#folder,
        CERBERUS_HOST_PORT: '0',
        CERBERUS_HOST_LOG_FORMAT: 'json',
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.on('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        this.lines.push(JSON.parse(line) as LogLine);
      } catch {
        this.lines.push({ msg: line });
      }
    });
  }

  /** Resolves when the process is gone. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
    this.#child = undefined;
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
