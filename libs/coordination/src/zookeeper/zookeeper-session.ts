import type { Clock } from '@cerberus/core';
import zookeeper from 'node-zookeeper-client';
import { COORDINATION_ERRORS, coordinationError } from '../errors.ts';

const { CreateMode, Exception, State } = zookeeper;

const RECONNECT_SPIN_MS = 200;

export interface SessionOptions {
  /** `host:port` of the ensemble. */
  readonly servers: readonly string[];
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Longest wait for any answer: the client itself waits for ever while it is cut off. */
  readonly answerMs: number;
  onConnected(): void;
  /** The ensemble has ended the session: everything of it is gone there. */
  onExpired(): void;
}

export interface NodeData {
  readonly data: Buffer;
  readonly version: number;
  /** When it was last written, by the ensemble's clock. */
  readonly writtenMs: number;
}

/**
 * One session with its requests as promises that end. That the client calls itself connected means
 * nothing (it never looks whether its pings are answered); what counts is `confirmedMs`.
 */
export class ZooKeeperSession {
  readonly #options: SessionOptions;
  readonly #client: zookeeper.Client;
  #confirmedMs: number;
  #isExpired = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#confirmedMs = options.clock.monotonicMs();
    this.#client = zookeeper.createClient(options.servers.join(','), {
      sessionTimeout: options.timeoutMs,
      spinDelay: RECONNECT_SPIN_MS,
      retries: 0,
    });
    this.#client.on('state', (state: zookeeper.State) => {
      if (state === State.SYNC_CONNECTED) options.onConnected();
      if (state !== State.EXPIRED) return;
      this.#isExpired = true;
      options.onExpired();
    });
    this.#client.connect();
  }

  get expired(): boolean {
    return this.#isExpired;
  }

  /** Monotonic time at which the newest answered request was made; of the start where none was. */
  get confirmedMs(): number {
    return this.#confirmedMs;
  }

  /** As the ensemble granted it, never longer than asked for. */
  get timeoutMs(): number {
    return Math.min(this.#client.getSessionTimeout(), this.#options.timeoutMs);
  }

  /** Gives the path with the sequence number that the ensemble appended. */
  createCandidate(prefix: string, data: Buffer): Promise<string> {
    return this.#ask((done) =>
      this.#client.create(prefix, data, CreateMode.EPHEMERAL_SEQUENTIAL, done),
    );
  }

  async makeFolder(path: string): Promise<void> {
    await this.#ask<string>((done) => this.#client.mkdirp(path, done));
  }

  /** Makes a node of version 1, where it is not there: the client takes version 0 for any. */
  async makeCounted(path: string, data: Buffer): Promise<void> {
    const made = this.#client.transaction().create(path, data).setData(path, data);
    await this.#ask((done) => made.commit(done)).catch(ignoring(Exception.NODE_EXISTS, undefined));
  }

  /** Undefined where there is no such node. */
  read(path: string): Promise<NodeData | undefined> {
    const asked = this.#ask<NodeData>((done) =>
      this.#client.getData(path, (error, data, stat) =>
        error
          ? done(error)
          : done(null, {
              data: data ?? NOTHING,
              version: stat.version,
              writtenMs: timeOf(stat.mtime),
            }),
      ),
    );
    return asked.catch(ignoring(Exception.NO_NODE, undefined));
  }

  /** False where there is no such node. */
  write(path: string, data: Buffer): Promise<boolean> {
    const asked = this.#ask((done) => this.#client.setData(path, data, -1, done));
    return asked.then(() => true).catch(ignoring(Exception.NO_NODE, false));
  }

  async remove(path: string): Promise<void> {
    await this.#ask((done) =>
      this.#client.remove(path, -1, (error) => done(error, undefined)),
    ).catch(ignoring(Exception.NO_NODE, undefined));
  }

  /** Names below the path; the watch, where given, goes off once, with the next change. */
  children(path: string, onChange?: () => void): Promise<string[]> {
    return this.#ask((done) =>
      onChange === undefined
        ? this.#client.getChildren(path, done)
        : this.#client.getChildren(path, onChange, done),
    );
  }

  async exists(path: string): Promise<boolean> {
    return (await this.read(path)) !== undefined;
  }

  /** Writes the counted node if it still has the version and the other one still exists; else false. */
  writeIf(
    path: string,
    data: Buffer,
    given: { version: number; exists: string },
  ): Promise<boolean> {
    const write = this.#client.transaction().check(given.exists).setData(path, data, given.version);
    const asked = this.#ask((done) => write.commit(done)).then(() => true);
    return asked
      .catch(ignoring(Exception.BAD_VERSION, false))
      .catch(ignoring(Exception.NO_NODE, false));
  }

  /** Ends the session, and with it its candidates, as far as the ensemble can be reached. */
  close(): void {
    this.#client.removeAllListeners('state');
    this.#client.close();
  }

  #ask<T>(request: (done: (error: unknown, answer?: T) => void) => void): Promise<T> {
    const { clock, answerMs, servers } = this.#options;
    const askedMs = clock.monotonicMs();
    return new Promise((resolve, reject) => {
      const timer = clock.after(answerMs, () => {
        const message = `ZooKeeper at ${servers.join(', ')} has not answered for ${answerMs} ms`;
        reject(coordinationError(COORDINATION_ERRORS.UNREACHABLE, { message }));
      });
      request((error, answer) => {
        timer.cancel();
        const isAnswer = !error || !NO_ANSWERS.has(codeOf(error) ?? 0);
        if (isAnswer) this.#confirmedMs = Math.max(this.#confirmedMs, askedMs);
        if (error) reject(error);
        else resolve(answer as T);
      });
    });
  }
}

/** Said by the client itself rather than by the ensemble. */
const NO_ANSWERS = new Set([
  Exception.CONNECTION_LOSS,
  Exception.SESSION_EXPIRED,
  Exception.OPERATION_TIMEOUT,
]);

const NOTHING = Buffer.alloc(0);

/** The client hands a 64-bit time over as its eight bytes. */
function timeOf(mtime: unknown): number {
  return Buffer.isBuffer(mtime) ? Number(mtime.readBigInt64BE()) : 0;
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Exception ? error.getCode() : undefined;
}

function ignoring<T>(code: number, instead: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === code) return instead;
    throw error;
  };
}
