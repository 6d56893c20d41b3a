import { type ChildProcess, spawn } from 'node:child_process';
import { CerberusError, type Clock, faultOf } from '@cerberus/core';
import { type Logger, messageOf, notReady, READY, type Readiness } from '@cerberus/runtime';
import { STORE_ERRORS } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { type Cluster, environmentOf, identityOf } from './cluster.ts';
import { postmasterPid, postmasterStatus, stopLeftovers } from './leftover-processes.ts';
import type { ServerUser } from './operating-system-user.ts';
import { LogTail } from './server-log.ts';
import { SERVER_SETTINGS } from './server-settings.ts';
import { SOCKET_PORT } from './socket-folder.ts';

const POLL_MS = 5;
const STOP_WITHIN_MS = 8000;
const KILL_WITHIN_MS = 3000;
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;

/**
 * Stands between us and the server. Its standard input is a pipe from this process: when that
 * closes, because we close it or because we die in whatever way, it stops the server with a fast
 * shutdown, and with an immediate one after five seconds. It ends as the server ends.
 */
const KEEPER = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
  exec >/dev/null 2>&1
  read -r _ <&3
  kill -INT "$server"
  sleep 5
  kill -QUIT "$server"
) &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

export interface ServerOptions {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly socketFolder: string;
  readonly startTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A running PostgreSQL of our own. If it ends by itself it is started again, ever more slowly. */
export class EmbeddedServer {
  readonly #options: ServerOptions;
  readonly #tail: LogTail;
  #keeper: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve('not started');
  #state: Readiness = notReady('PostgreSQL is starting');
  #isStopping = false;
  #failures = 0;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#tail = new LogTail(options.log);
  }

  static async start(options: ServerOptions): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(options);
    await server.#launch();
    return server;
  }

  ready(): Readiness {
    return this.#state;
  }

  /** Pid of the server, for a person and for tests. */
  get pid(): number | undefined {
    return postmasterPid(this.#options.cluster.path);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#state = notReady('PostgreSQL is stopped');
    this.#keeper?.stdin?.end();
    if (await this.#endsWithin(STOP_WITHIN_MS)) return;
    this.#options.log.warn('PostgreSQL does not stop and is killed; it recovers at the next start');
    this.#killAll();
    await this.#endsWithin(KILL_WITHIN_MS);
  }

  async #launch(): Promise<void> {
    const { cluster, clock, log } = this.#options;
    const startedMs = clock.monotonicMs();
    await stopLeftovers(cluster.path, clock, log);
    // Where leftovers cannot be listed, the pid file of a killed server is still there.
    const formerPid = this.pid;
    this.#spawn();
    const failure = await this.#becomesReady(formerPid);
    if (failure !== undefined) {
      this.#isStopping ||= this.#failures === 0;
      this.#keeper?.stdin?.end();
      this.#killAll();
      const message = `PostgreSQL did not start: ${failure}\n${this.#tail.text()}`.trim();
      throw new CerberusError(faultOf(STORE_ERRORS.ENGINE_START_FAILED, { message }));
    }
    this.#failures = 0;
    this.#state = READY;
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    log.info({ pid: this.pid, tookMs }, 'PostgreSQL is ready');
  }

  #spawn(): void {
    const { binaries, cluster, user, socketFolder } = this.#options;
    const settings = {
      ...SERVER_SETTINGS,
      unix_socket_directories: socketFolder,
      port: SOCKET_PORT,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const keeper = spawn(
      '/bin/sh',
      ['-c', KEEPER, 'cerberus-postgres', binaries.postgres, '-D', cluster.path, ...args],
      {
        ...identityOf(user),
        cwd: '/',
        env: environmentOf(binaries),
        stdio: ['pipe', 'ignore', 'pipe'],
        // In a session of its own: Ctrl-C is for us, and we stop it when we are done with it.
        detached: true,
      },
    );
    this.#keeper = keeper;
    // A pipe to a keeper that ended first is no news.
    keeper.stdin?.on('error', () => undefined);
    keeper.stderr?.on('data', (chunk: Buffer) => this.#tail.add(chunk.toString()));
    this.#ended = new Promise((resolve) => {
      keeper.once('error', (error) => resolve(messageOf(error)));
      keeper.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
    });
    void this.#ended.then((how) => this.#onEnd(keeper, how));
  }

  /** Why it did not, or nothing. */
  async #becomesReady(formerPid: number | undefined): Promise<string | undefined> {
    const { cluster, clock, startTimeoutMs } = this.#options;
    const deadlineMs = clock.monotonicMs() + startTimeoutMs;
    let end: string | undefined;
    void this.#ended.then((how) => {
      end = how;
    });
    while (postmasterStatus(cluster.path) !== 'ready' || this.pid === formerPid) {
      if (end !== undefined) return end;
      if (clock.monotonicMs() > deadlineMs) return `not ready within ${startTimeoutMs} ms`;
      await clock.sleep(POLL_MS);
    }
    return undefined;
  }

  #onEnd(keeper: ChildProcess, how: string): void {
    if (this.#isStopping || keeper !== this.#keeper || !this.#state.ready) return;
    const { log } = this.#options;
    log.error({ log: this.#tail.text() }, `PostgreSQL ended by itself: ${how}`);
    this.#restart(how);
  }

  #restart(reason: string): void {
    this.#state = notReady(`PostgreSQL is being restarted: ${reason}`);
    const delayMs = Math.min(FIRST_RESTART_MS * 2 ** this.#failures, LONGEST_RESTART_MS);
    this.#failures += 1;
    this.#options.clock.after(delayMs, () => {
      if (this.#isStopping) return;
      this.#launch().catch((error: unknown) => {
        this.#options.log.error({ err: error }, 'PostgreSQL could not be restarted');
        if (!this.#isStopping) this.#restart(messageOf(error));
      });
    });
  }

  async #endsWithin(withinMs: number): Promise<boolean> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.after(withinMs, () => resolve(false));
      void this.#ended.then(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  /** The keeper leads a process group in which everything of the server is. */
  #killAll(): void {
    const pid = this.#keeper?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
