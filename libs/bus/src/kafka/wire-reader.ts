/** Fields of a response, one after the other, as the protocol has them before its version of tags. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8));
  }

  text(): string {
    const length = this.int16();
    const from = this.#move(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const from = this.#move(length);
    return this.#bytes.subarray(from, from + length);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(read());
    return items;
  }

  #move(length: number): number {
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
