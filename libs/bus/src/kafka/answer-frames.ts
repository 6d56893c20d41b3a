const SIZE_BYTES = 4;

/** Larger than any answer: a fetch is bounded by what was asked for and its first batch. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
const ANSWER_BYTES_MIN = 4;

/**
 * Answers of a broker, each with its size before it, out of the chunks in which they come. An answer's
 * bytes are copied once, into a buffer of their own: chunks may share the memory that the next is read
 * into. kafkajs puts together all that has come whenever there is more of it, two or three copies
 * of what is read, each of them garbage outside the heap.
 */
export class AnswerFrames {
  readonly #size = Buffer.alloc(SIZE_BYTES);
  #sizeFilled = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  /** Calls `onFrame` for each answer that is complete with this chunk, without its size. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === undefined) at = this.#readSize(chunk, at);
      const frame = this.#frame;
      if (frame === undefined) return;
      const copied = chunk.copy(frame, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < frame.length) return;
      this.#frame = undefined;
      onFrame(frame);
    }
  }

  #readSize(chunk: Buffer, from: number): number {
    const copied = chunk.copy(
      this.#size,
      this.#sizeFilled,
      from,
      from + SIZE_BYTES - this.#sizeFilled,
    );
    this.#sizeFilled += copied;
    if (this.#sizeFilled === SIZE_BYTES) {
      const size = this.#size.readInt32BE(0);
      if (size < ANSWER_BYTES_MIN || size > ANSWER_BYTES_MAX) {
        throw new Error(`a broker's answer of ${size} bytes`);
      }
      this.#frame = Buffer.allocUnsafe(size);
      this.#filled = 0;
      this.#sizeFilled = 0;
    }
    return from + copied;
  }
}
