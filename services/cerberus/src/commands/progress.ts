/** Steps of long work on one line of a terminal, one line each elsewhere. */
export class Progress {
  readonly #stream = process.stderr;
  readonly #silent: boolean;
  #shown = '';

  constructor({ silent }: { readonly silent: boolean }) {
    this.#silent = silent;
  }

  step(text: string): void {
    if (this.#silent || text === this.#shown) return;
    if (this.#stream.isTTY) this.#stream.write(`\r\u001b[K${text} …`);
    else this.#stream.write(`${text} …\n`);
    this.#shown = text;
  }

  /** A bar on a terminal, nothing elsewhere; redrawn when a percent is gained. */
  bar(label: string, done: number, total: number): void {
    if (this.#silent || !this.#stream.isTTY) return;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const text = `${label} ${'█'.repeat(percent / 4).padEnd(25, '░')} ${percent} %`;
    if (text === this.#shown) return;
    this.#stream.write(`\r\u001b[K${text}`);
    this.#shown = text;
  }

  end(): void {
    if (!this.#silent && this.#stream.isTTY && this.#shown !== '') this.#stream.write('\r\u001b[K');
    this.#shown = '';
  }
}
