/** Longest text that is written here: below it a call into the runtime costs more. */
const SHORT_TEXT = 48;

/** Fields of a request, one after the other, into a buffer that must be large enough for all. */
export class WireWriter {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  /** What has been written so far; shares its memory. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  int8(value: number): void {
    this.#at = this.#bytes.writeInt8(value, this.#at);
  }

  int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  /** With its length before it. */
  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.int16(length);
    this.utf8(text, length);
  }

  /** A zigzag varint. */
  varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest >= 0x80) {
      this.#bytes[this.#at] = (rest & 0x7f) | 0x80;
      this.#at += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#at] = rest;
    this.#at += 1;
  }

  /** `length`: of the text in bytes. */
  utf8(text: string, length: number): void {
    const isAscii = length === text.length;
    if (isAscii && length <= SHORT_TEXT) {
      for (let n = 0; n < length; n += 1) this.#bytes[this.#at + n] = text.charCodeAt(n);
    } else {
      this.#bytes.write(text, this.#at, length, isAscii ? 'latin1' : 'utf8');
    }
    this.#at += length;
  }

  bytes(value: Buffer): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A field that was written before what it says was known. */
  setInt32(at: number, value: number): void {
    this.#bytes.writeInt32BE(value, at);
  }

  setUint32(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }
}

export function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}
