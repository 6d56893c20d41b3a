import type { EpochUs } from '@cerberus/core';
import type { BinanceMarket } from '@cerberus/venues';

/** One instrument of a capture as the tape left it. Prices are the venue's exact text. */
export interface CaptureBookReport {
  readonly instrument_id: string;
  readonly state: string;
  readonly synced: boolean;
  readonly last_update_id: number | null;
  readonly best_bid: string | null;
  readonly best_ask: string | null;
  /**
   * SHA-256 of the whole book at the end, lines of `<price> <quantity>` from the best bid down, then
   * from the best ask up, numbers in their shortest form; null before the end.
   */
  readonly book_sha256: string | null;
  readonly bid_levels: number;
  readonly ask_levels: number;
  readonly deltas_applied: number;
  /** Deltas older than the snapshot, as every live start has them. */
  readonly deltas_before_snapshot: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly crossed: number;
}

/** Where every line of one file went: `lines` = parsed + ignored + refused + bad. */
export interface CaptureFileReport {
  readonly file: string;
  readonly market: BinanceMarket;
  readonly lines: number;
  readonly parsed: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  /** Lines without a readable time stamp. */
  readonly bad_lines: number;
  /** Text after the last line end: the recording was stopped in mid-line. */
  readonly truncated_tail: boolean;
  /** Why the file could not be read to its end. */
  readonly damage: string | null;
  /** Lines dated before the one that they follow. */
  readonly out_of_order: number;
  readonly every_line_accounted: boolean;
  readonly first_time: EpochUs;
  readonly last_time: EpochUs;
  readonly books: readonly CaptureBookReport[];
}

export interface CaptureReport {
  readonly state: 'waiting' | 'playing' | 'ended' | 'stopped';
  readonly speed: number | 'max';
  readonly tape_seconds: number;
  readonly wall_seconds: number;
  readonly files: readonly CaptureFileReport[];
}
