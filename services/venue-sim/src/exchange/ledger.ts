import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { SimMarket } from '../market/symbol-spec.ts';
import type { Side } from '../matching/engine-order.ts';

interface RecordBase {
  readonly market: SimMarket;
  readonly account: string;
  readonly time_ms: number;
}

interface OrderRecordBase extends RecordBase {
  readonly symbol: string;
  readonly order_id: number;
  readonly client_order_id: string;
}

/** The venue's own word on what happened. Amounts are decimal text. */
export type LedgerRecord =
  | (RecordBase & { readonly kind: 'deposit'; readonly asset: string; readonly amount: string })
  | (OrderRecordBase & {
      readonly kind: 'accept';
      readonly side: Side;
      readonly type: 'LIMIT' | 'MARKET' | 'LIMIT_MAKER';
      readonly time_in_force: 'GTC' | 'IOC' | 'FOK' | 'GTX';
      readonly price: string;
      readonly quantity: string;
      readonly quote_quantity: string;
      readonly reduce_only: boolean;
      /** The client's own signed time stamp. */
      readonly request_timestamp_ms: number;
    })
  | (OrderRecordBase & {
      readonly kind: 'fill';
      readonly trade_id: number;
      readonly side: Side;
      readonly price: string;
      readonly quantity: string;
      readonly fee: string;
      readonly fee_asset: string;
      readonly realized_pnl: string;
      readonly maker: boolean;
    })
  | (OrderRecordBase & {
      readonly kind: 'end';
      readonly status: 'CANCELED' | 'EXPIRED';
      readonly reason: 'client' | 'lifetime' | 'countdown';
    });

export type NumberedRecord = LedgerRecord & { readonly seq: number };

const NEWLINE = 0x0a;

/**
 * Append-only record of everything the venue did. With a file, each group of records (one request
 * or one market event) is one line, written before anybody hears of it: a `kill -9` loses nothing,
 * and a line torn by a crash of the machine is cut off as a whole.
 */
export class VenueLedger {
  readonly #records: NumberedRecord[] = [];
  readonly #file: number | undefined;
  readonly #durable: boolean;

  constructor(options: {
    readonly file?: string;
    /** Also survive a crash of the machine, at the price of one disk flush per group. */
    readonly flush?: boolean;
  }) {
    this.#durable = options.flush ?? false;
    if (options.file === undefined) return;
    this.#file = openSync(options.file, 'a+');
    const content = readFileSync(options.file);
    const end = content.lastIndexOf(NEWLINE) + 1;
    if (end < content.length) ftruncateSync(this.#file, end);
    for (const line of content.subarray(0, end).toString('utf8').split('\n')) {
      if (line !== '') this.#records.push(...(JSON.parse(line) as NumberedRecord[]));
    }
  }

  get length(): number {
    return this.#records.length;
  }

  append(records: readonly LedgerRecord[]): readonly NumberedRecord[] {
    if (records.length === 0) return [];
    const first = this.#records.length + 1;
    const numbered = records.map((record, i) => ({ seq: first + i, ...record }));
    if (this.#file !== undefined) {
      writeSync(this.#file, `${JSON.stringify(numbered)}\n`);
      if (this.#durable) fsyncSync(this.#file);
    }
    this.#records.push(...numbered);
    return numbered;
  }

  /** Records with a number above `afterSeq`, oldest first. */
  read(afterSeq = 0, limit = Number.POSITIVE_INFINITY): readonly NumberedRecord[] {
    return this.#records.slice(afterSeq, afterSeq + limit);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
