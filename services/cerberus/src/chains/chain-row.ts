import type { OptionQuote } from '@cerberus/surface';

/** The year that expiries are counted in. */
export const YEAR_MS = 365 * 86_400_000;

/** One line of a chain file in the reader's own words. */
export interface ChainRow extends OptionQuote {
  /** Root and date, e.g. `2022-06-17 SPXW`. */
  readonly expiryId: string;
  readonly expiryMs: number;
  /** Forward the venue itself states for this expiry. */
  readonly forward?: number;
}

export interface ReadChain {
  readonly asOfMs: number;
  readonly rows: readonly ChainRow[];
  /** Last price of the underlying, where the file states it. */
  readonly spot?: number;
  /** How prices were read: currency, settlement, clock. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  /** Moment of the quotes; needed where the file does not tell. */
  readonly asOfMs?: number;
}
