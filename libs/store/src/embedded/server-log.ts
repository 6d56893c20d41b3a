import type { Logger } from '@cerberus/runtime';

const KEPT_LINES = 40;
const LONGEST_LINE = 2000;

/** How every connection ends that is open while the server stops. */
const ORDINARY_END = /terminating connection due to administrator command/;

/** What the server writes: passed on to our log, its last lines kept for the message of a failure. */
export class LogTail {
  readonly #log: Logger;
  readonly #lines: string[] = [];
  #rest = '';

  constructor(log: Logger) {
    this.#log = log;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() as string).slice(-LONGEST_LINE);
    for (const line of lines) this.#addLine(line.slice(0, LONGEST_LINE));
  }

  text(): string {
    return [...this.#lines, this.#rest].filter((line) => line !== '').join('\n');
  }

  #addLine(line: string): void {
    if (line === '') return;
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    if (/\b(FATAL|PANIC):/.test(line) && !ORDINARY_END.test(line))
      this.#log.warn({ from: 'postgres' }, line);
    else this.#log.debug({ from: 'postgres' }, line);
  }
}
