import { close, fdatasync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '@cerberus/runtime';
import { MEMORY_FILE } from './log-file.ts';

/**
 * Makes what SQLite has written to its write-ahead log durable, off the main thread. With
 * `synchronous=NORMAL` a COMMIT writes its frames and returns without waiting for the disk; after a
 * power cut SQLite recovers the frames up to the last whole commit, so a sync that started after the
 * COMMIT and succeeded means that the commit is kept.
 */
export class WalSync {
  readonly #file: string;
  #descriptor: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Calls back when everything written before the call is durable; an error is final. */
  sync(done: (error: Error | null) => void): void {
    if (this.#file === MEMORY_FILE) {
      done(null);
      return;
    }
    try {
      this.#descriptor ??= this.#open();
    } catch (error) {
      done(error as Error);
      return;
    }
    fdatasync(this.#descriptor, done);
  }

  close(): void {
    if (this.#descriptor !== undefined) close(this.#descriptor, () => undefined);
    this.#descriptor = undefined;
  }

  /** The file was made by the first commit; SQLite keeps it, and its name, until it closes. */
  #open(): number {
    const descriptor = openSync(`${this.#file}-wal`, 'r');
    syncFolder(dirname(this.#file));
    return descriptor;
  }
}
