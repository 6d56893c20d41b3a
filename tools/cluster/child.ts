import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { pidText, terminate } from '../background-process.ts';
import { filesOf, type Instance, type Plan, programOf } from './plan.ts';
import { type ServiceName, YIELDING } from './settings.ts';

const RESTART_FIRST_MS = 100;
const RESTART_MAX_MS = 5000;
/** Who has lived so long starts again at once. */
const SETTLED_MS = 5000;
const DRAIN_MS = 15_000;
const YIELDING_NICENESS = 5;
/**
 * Young objects in less than the 64 MiB that V8 would give them. With those, what was read from the log
 * and what is sent is let go so late that the whole heap is collected instead, on a core that others need.
 */
const YOUNG_MIB = { yielding: 8, riskEngine: 16 };
/** Instead of four, which take all cores of a small machine from the others when a heap is collected. */
const ONE_HELPER = '--v8-pool-size=1';

/** One process of the plan, kept running until it is told to end. */
export class Child {
  readonly #instance: Instance;
  readonly #plan: Plan;
  readonly #say: (message: string) => void;
  #process: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #delayMs = RESTART_FIRST_MS;
  #ending = false;

  constructor(instance: Instance, plan: Plan, say: (message: string) => void) {
    this.#instance = instance;
    this.#plan = plan;
    this.#say = say;
  }

  /** What a supervisor that was killed left behind is ended first. */
  async start(): Promise<void> {
    await terminate(this.#files.pidFile, { withinMs: DRAIN_MS });
    this.#spawn();
  }

  async stop(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#retry);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  get #files() {
    return filesOf(this.#plan.folder, this.#instance.name);
  }

  #spawn(): void {
    const { service, environment, name } = this.#instance;
    const { root, configFile } = this.#plan;
    const { pidFile, logFile } = this.#files;
    mkdirSync(dirname(logFile), { recursive: true });
    mkdirSync(dirname(pidFile), { recursive: true });
    const log = openSync(logFile, 'a', 0o600);
    const program = [programOf(root, service), '--config', configFile];
    const child = spawn(process.execPath, [...flagsOf(service), ...program], {
      cwd: root,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.#process = child;
    const startedMs = performance.now();
    if (child.pid !== undefined) writeFileSync(pidFile, pidText(child.pid));
    child.once('error', (error) => this.#say(`${name} cannot be started: ${error.message}`));
    // Not before it has started: a partition that nobody serves is in nobody's background.
    const settled = setTimeout(() => this.#yield(child), SETTLED_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(settled);
      rmSync(pidFile, { force: true });
      if (this.#ending) return;
      const livedMs = performance.now() - startedMs;
      this.#delayMs = livedMs > SETTLED_MS ? RESTART_FIRST_MS : this.#delayMs;
      this.#say(`${name} ended (${signal ?? code}) after ${Math.round(livedMs)} ms, starts again`);
      this.#retry = setTimeout(() => this.#spawn(), this.#delayMs);
      this.#delayMs = Math.min(2 * this.#delayMs, RESTART_MAX_MS);
    });
  }

  #yield({ pid }: ChildProcess): void {
    if (pid === undefined || !YIELDING.has(this.#instance.service)) return;
    try {
      for (const thread of threadsOf(pid)) setPriority(thread, YIELDING_NICENESS);
    } catch (error) {
      this.#say(`${this.#instance.name} keeps its priority: ${String(error)}`);
    }
  }
}

/** None on the way of an order: what fewer threads and less room for the young do to it is not known. */
function flagsOf(service: ServiceName): readonly string[] {
  const frugal = (mib: number) => [`--max-semi-space-size=${mib}`, ONE_HELPER];
  if (YIELDING.has(service)) return frugal(YOUNG_MIB.yielding);
  return service === 'risk-engine' ? frugal(YOUNG_MIB.riskEngine) : [];
}

/** Each has a priority of its own: those that collect garbage would go before the work itself. */
function threadsOf(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [pid];
  return readdirSync(`/proc/${pid}/task`).map(Number);
}
