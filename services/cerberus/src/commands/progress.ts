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

  end(): void {
    if (!this.#silent && this.#stream.isTTY && this.#shown !== '') this.#stream.write('\r\u001b[K');
    this.#shown = '';
  }
}
