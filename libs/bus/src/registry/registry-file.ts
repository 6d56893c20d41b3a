import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type RegistryEvent, SchemaRegistry } from '@cerberus/schema';
import { BUS_ERRORS, busError } from '../errors.ts';

const HEADER = '{"cerberus_registry":1}';

/** A schema registry whose every change is a line of a file, on disk before it takes effect. */
export class RegistryFile {
  readonly registry: SchemaRegistry;
  readonly #descriptor: number;

  constructor(file: string) {
    this.#descriptor = open(file);
    try {
      const events = this.#read(file);
      this.registry = new SchemaRegistry({ events, persist: (event) => this.#append(event) });
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(file: string): RegistryEvent[] {
    const text = readFileSync(this.#descriptor, 'utf8');
    // What follows the last line end was being written when the process died: nobody was told of it.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) ftruncateSync(this.#descriptor, Buffer.byteLength(whole));
    const [header, ...lines] = whole.split('\n').slice(0, -1);
    if (header === undefined) {
      this.#appendLine(HEADER);
      return [];
    }
    if (header !== HEADER) {
      const newer = header.startsWith('{"cerberus_registry":');
      const entry = newer ? BUS_ERRORS.FILE_NEWER : BUS_ERRORS.FILE_UNUSABLE;
      throw busError(entry, { path: file, message: `it starts with ${header.slice(0, 60)}` });
    }
    return lines.map((line, index) => parse(line, `${file}, line ${index + 2}`));
  }

  #append(event: RegistryEvent): void {
    this.#appendLine(JSON.stringify(event));
  }

  #appendLine(line: string): void {
    writeSync(this.#descriptor, `${line}\n`);
    fsyncSync(this.#descriptor);
  }
}

function open(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    throw busError(BUS_ERRORS.FILE_UNUSABLE, { path: file, message: String(error) }, error);
  }
}

function parse(line: string, place: string): RegistryEvent {
  try {
    return JSON.parse(line) as RegistryEvent;
  } catch (error) {
    throw busError(BUS_ERRORS.FILE_CORRUPT, { path: place, message: String(error) }, error);
  }
}
