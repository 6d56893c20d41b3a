import { createWriteStream, type WriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { type CaptureLine, formatCaptureLine } from './capture-line.ts';

/** Appends received messages to a file as `<local time ns> <raw text>`; a name in `.gz` compresses. */
export class CaptureWriter {
  readonly #file: WriteStream;
  readonly #gzip: Gzip | undefined;
  #lines = 0;

  /** `onError` hears at once what `close` would only tell at the end: the file cannot be written. */
  constructor(path: string, onError?: (error: Error) => void) {
    this.#file = createWriteStream(path, { flags: 'a' });
    if (onError !== undefined) this.#file.once('error', onError);
    if (path.endsWith('.gz')) {
      this.#gzip = createGzip();
      this.#gzip.pipe(this.#file);
    }
  }

  get lines(): number {
    return this.#lines;
  }

  /** False where the caller should wait for `drained()` before writing more. */
  write(line: CaptureLine): boolean {
    this.#lines += 1;
    return this.#sink.write(formatCaptureLine(line));
  }

  async drained(): Promise<void> {
    const sink = this.#sink;
    if (!sink.writableNeedDrain) return;
    await new Promise<void>((resolve, reject) => {
      sink.once('drain', resolve);
      sink.once('error', reject);
    });
  }

  async close(): Promise<void> {
    this.#sink.end();
    await finished(this.#file);
  }

  get #sink(): Writable {
    return this.#gzip ?? this.#file;
  }
}
