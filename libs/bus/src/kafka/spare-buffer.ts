const BYTES_MIN = 16 * 1024;
/** Kept for the next taker; what is larger is let go. */
const KEPT_BYTES_MAX = 1024 * 1024;

/** Memory for one request after the other, instead of new memory for each. */
export class SpareBuffer {
  #spare: Buffer | undefined;

  /** Of at least so many bytes, with what stood there before. */
  take(bytes: number): Buffer {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined && spare.length >= bytes) return spare;
    return Buffer.allocUnsafeSlow(Math.max(bytes, BYTES_MIN));
  }

  /** A buffer that was taken, or a part of it: nobody reads it any more. */
  giveBack({ buffer }: Buffer): void {
    if (buffer.byteLength <= KEPT_BYTES_MAX) this.#spare = Buffer.from(buffer);
  }
}
