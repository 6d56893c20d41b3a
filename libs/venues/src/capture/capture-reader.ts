import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { type CaptureLine, parseCaptureLine } from './capture-line.ts';

/** A depth snapshot of 5000 levels is some 300 kB; no honest line is longer than this. */
const LINE_LENGTH_MAX = 16 * 1024 * 1024;

export interface CaptureEnd {
  /** Complete lines seen, good or bad. */
  lines: number;
  /** Lines without a readable time stamp: counted, not delivered. */
  badLines: number;
  /** Text after the last newline: the writer was stopped in mid-line. Not delivered. */
  truncatedTail: boolean;
  /** Why the file could not be read to its end: missing, gzip cut short or corrupt. */
  streamError: string | undefined;
}

/** Streams a capture file line by line; `end` is final once the iteration is over. Never throws. */
export class CaptureReader implements AsyncIterable<CaptureLine> {
  readonly end: CaptureEnd = {
    lines: 0,
    badLines: 0,
    truncatedTail: false,
    streamError: undefined,
  };
  readonly #path: string;

  /** Plain text or gzip, told apart by the first two bytes and not by the name. */
  constructor(path: string) {
    this.#path = path;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CaptureLine> {
    const decoder = new StringDecoder('utf8');
    let pending = '';
    try {
      const bytes = (await isGzip(this.#path))
        ? inflated(this.#path)
        : createReadStream(this.#path);
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        pending += decoder.write(chunk);
        const lines = pending.split('\n');
        pending = lines.pop() ?? '';
        for (const line of lines) {
          const parsed = this.#line(line);
          if (parsed !== undefined) yield parsed;
        }
        if (pending.length > LINE_LENGTH_MAX) {
          this.end.streamError = `a line is longer than ${LINE_LENGTH_MAX} characters`;
          break;
        }
      }
    } catch (error) {
      this.end.streamError = error instanceof Error ? error.message : String(error);
    }
    this.end.truncatedTail = pending.length > 0;
  }

  #line(line: string): CaptureLine | undefined {
    this.end.lines += 1;
    const parsed = parseCaptureLine(line);
    if (parsed === undefined) this.end.badLines += 1;
    return parsed;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/**
 * Inflates chunk by chunk, so that everything before a damaged place is delivered before the error:
 * the async iterator of a gunzip stream would drop what it had buffered.
 */
async function* inflated(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const plain: Buffer[] = [];
  let failure: Error | undefined;
  const over = new Promise<void>((resolve) => {
    gunzip.once('end', resolve);
    gunzip.once('error', (error) => {
      failure = error;
      resolve();
    });
  });
  gunzip.on('data', (chunk: Buffer) => plain.push(chunk));
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    await Promise.race([new Promise((resolve) => gunzip.write(chunk, resolve)), over]);
    yield* plain.splice(0);
    if (failure !== undefined) break;
  }
  if (failure === undefined) gunzip.end();
  await over;
  yield* plain.splice(0);
  if (failure !== undefined) throw failure;
}
