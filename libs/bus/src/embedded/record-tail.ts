import type { IncomingRecord } from '../port.ts';

/** Rough cost of a record beside its bytes. */
const RECORD_OVERHEAD_BYTES = 200;
/** Dropped slots are reclaimed in bulk, so that dropping from the front costs nothing much. */
const RECLAIM_SLOTS = 1024;

/** The newest records of a partition in memory: ascending offsets, cheap at both ends. */
export class RecordTail {
  #records: IncomingRecord[] = [];
  #offsets: number[] = [];
  #head = 0;
  #bytes = 0;

  get length(): number {
    return this.#records.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get firstOffset(): number | undefined {
    return this.#offsets[this.#head];
  }

  push(record: IncomingRecord, offset: number): void {
    this.#records.push(record);
    this.#offsets.push(offset);
    this.#bytes += sizeOf(record);
  }

  /** Up to `limit` records from an offset on. */
  slice(from: number, limit: number): IncomingRecord[] {
    const start = this.#search(from);
    return this.#records.slice(start, start + limit);
  }

  /** Drops records from the front while the test holds, at most down to `keep`. */
  dropFront(keep: number, test: (offset: number) => boolean): void {
    const end = this.#records.length - keep;
    while (this.#head < end && test(this.#offsets[this.#head]!)) {
      this.#bytes -= sizeOf(this.#records[this.#head]!);
      this.#head += 1;
    }
    if (this.#head >= RECLAIM_SLOTS) this.#reclaim();
  }

  /** Keeps the newest record of each key; gives the offsets dropped. `isDead` drops a key whole. */
  keepNewestOfKeys(isDead: (record: IncomingRecord) => boolean): number[] {
    const seen = new Set<string>();
    const dropped: number[] = [];
    const keep: number[] = [];
    for (let index = this.#records.length - 1; index >= this.#head; index -= 1) {
      const record = this.#records[index]!;
      const superseded = seen.has(record.key);
      seen.add(record.key);
      if (superseded) dropped.push(this.#offsets[index]!);
      if (superseded || isDead(record)) this.#bytes -= sizeOf(record);
      else keep.push(index);
    }
    keep.reverse();
    this.#records = keep.map((index) => this.#records[index]!);
    this.#offsets = keep.map((index) => this.#offsets[index]!);
    this.#head = 0;
    return dropped;
  }

  #reclaim(): void {
    this.#records = this.#records.slice(this.#head);
    this.#offsets = this.#offsets.slice(this.#head);
    this.#head = 0;
  }

  /** Index of the first record at or beyond the offset. */
  #search(offset: number): number {
    let low = this.#head;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function sizeOf(record: IncomingRecord): number {
  return RECORD_OVERHEAD_BYTES + record.key.length + (record.value?.length ?? 0);
}
