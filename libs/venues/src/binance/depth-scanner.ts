import type { GridLookup, InstrumentGrid, StepCodec } from '../grid.ts';
import type { DepthEvent } from './frame-events.ts';

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const CLOSE_BRACE = 125;
const COLON = 58;
const ZERO = 48;
const BACKSLASH = 92;
const MISSING = -1;
/** Fifteen digits are always below 2⁵³. */
const INTEGER_DIGITS_MAX = 15;
const ENVELOPE = '{"stream":"';
const ENVELOPE_DATA = '","data":';

/**
 * Reads `depthUpdate` frames straight from their text into ticks and units, without building the
 * JSON tree: about twice as fast as `JSON.parse` and conversion (bench/depth.ts).
 * It accepts the compact form that the venue sends and nothing else; whatever deviates in any way
 * is left to the general parser, which alone decides on refusals. So this class can only be fast,
 * never lenient.
 */
export class DepthScanner {
  readonly #gridOf: GridLookup;
  #text = '';
  #at = 0;

  constructor(gridOf: GridLookup) {
    this.#gridOf = gridOf;
  }

  /** The event, or undefined where the general parser must look at the frame. */
  scan(text: string): DepthEvent | undefined {
    this.#text = text;
    this.#at = 0;
    const enveloped = text.startsWith(ENVELOPE);
    if (enveloped) {
      const end = text.indexOf('"', ENVELOPE.length);
      if (end < 0 || !text.startsWith(ENVELOPE_DATA, end)) return undefined;
      this.#at = end + ENVELOPE_DATA.length;
    }
    const event = this.#event();
    if (event === undefined) return undefined;
    if (enveloped && text.charCodeAt(this.#at++) !== CLOSE_BRACE) return undefined;
    return this.#at === text.length ? event : undefined;
  }

  #event(): DepthEvent | undefined {
    const text = this.#text;
    if (!text.startsWith('{"e":"depthUpdate",', this.#at)) return undefined;
    this.#at += 18;
    let grid: InstrumentGrid | undefined;
    let [eventTimeMs, transactionTimeMs, first, final, previous] = EMPTY_NUMBERS;
    let bids: number[] | undefined;
    let asks: number[] | undefined;
    while (text.charCodeAt(this.#at) === COMMA) {
      this.#at += 1;
      switch (this.#key()) {
        case 's':
          grid = this.#gridOf(this.#string());
          break;
        case 'E':
          eventTimeMs = this.#integer();
          break;
        case 'T':
          transactionTimeMs = this.#integer();
          break;
        case 'U':
          first = this.#integer();
          break;
        case 'u':
          final = this.#integer();
          break;
        case 'pu':
          previous = this.#integer();
          break;
        case 'b':
          bids = this.#levels(grid);
          break;
        case 'a':
          asks = this.#levels(grid);
          break;
        case 'ps':
        case 'st':
          this.#skip();
          break;
        default:
          return undefined;
      }
      if (this.#at < 0) return undefined;
    }
    if (text.charCodeAt(this.#at++) !== CLOSE_BRACE) return undefined;
    if (grid === undefined || bids === undefined || asks === undefined) return undefined;
    if (eventTimeMs === MISSING || first === MISSING || first > final) return undefined;
    return {
      kind: 'depth',
      symbol: grid.symbol,
      eventTimeMs,
      transactionTimeMs: present(transactionTimeMs),
      firstUpdateId: first,
      finalUpdateId: final,
      previousUpdateId: present(previous),
      bids,
      asks,
    };
  }

  /** A key of one or two characters with its colon. */
  #key(): string {
    const text = this.#text;
    const at = this.#at;
    if (text.charCodeAt(at) !== QUOTE) return this.#giveUp();
    const end = text.charCodeAt(at + 2) === QUOTE ? at + 2 : at + 3;
    if (text.charCodeAt(end) !== QUOTE || text.charCodeAt(end + 1) !== COLON) return this.#giveUp();
    this.#at = end + 2;
    return end === at + 2 ? text.charAt(at + 1) : text.slice(at + 1, end);
  }

  #string(): string {
    const text = this.#text;
    if (text.charCodeAt(this.#at) !== QUOTE) return this.#giveUp();
    const end = text.indexOf('"', this.#at + 1);
    if (end < 0 || text.charCodeAt(end - 1) === BACKSLASH) return this.#giveUp();
    const value = text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return value;
  }

  /** A value that we have no use for: pair name or contract kind. */
  #skip(): void {
    if (this.#text.charCodeAt(this.#at) === QUOTE) this.#string();
    else this.#integer();
  }

  #integer(): number {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (;;) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at += 1;
    }
    const length = at - start;
    if (length === 0 || length > INTEGER_DIGITS_MAX) this.#giveUp();
    else if (length > 1 && text.charCodeAt(start) === ZERO) this.#giveUp();
    else this.#at = at;
    return value;
  }

  /** `[["price","quantity"],…]` as [ticks, units, …]. */
  #levels(grid: InstrumentGrid | undefined): number[] | undefined {
    const levels = grid === undefined ? undefined : this.#read(grid);
    if (levels === undefined) this.#giveUp();
    return levels;
  }

  #read(grid: InstrumentGrid): number[] | undefined {
    const text = this.#text;
    const levels: number[] = [];
    let at = this.#at;
    if (text.charCodeAt(at) !== OPEN_BRACKET) return undefined;
    at += 1;
    if (text.charCodeAt(at) === CLOSE_BRACKET) {
      this.#at = at + 1;
      return levels;
    }
    for (;;) {
      if (text.charCodeAt(at) !== OPEN_BRACKET || text.charCodeAt(at + 1) !== QUOTE) return;
      at = this.#count(grid.price, at + 2, levels);
      if (at < 0 || text.charCodeAt(at) !== COMMA || text.charCodeAt(at + 1) !== QUOTE) return;
      at = this.#count(grid.quantity, at + 2, levels);
      if (at < 0 || text.charCodeAt(at) !== CLOSE_BRACKET) return;
      const next = text.charCodeAt(at + 1);
      at += 2;
      if (next === CLOSE_BRACKET) break;
      if (next !== COMMA) return;
    }
    this.#at = at;
    return levels;
  }

  /** Appends the count of the quoted number that starts at `start`; returns the index after it. */
  #count(codec: StepCodec, start: number, into: number[]): number {
    const end = this.#text.indexOf('"', start);
    if (end < 0) return MISSING;
    const count = codec.scan(this.#text, start, end);
    if (count < 0) return MISSING;
    into.push(count);
    return end + 1;
  }

  #giveUp(): string {
    this.#at = Number.NEGATIVE_INFINITY;
    return '';
  }
}

function present(value: number): number | undefined {
  return value === MISSING ? undefined : value;
}

const EMPTY_NUMBERS: readonly [number, number, number, number, number] = [
  MISSING,
  MISSING,
  MISSING,
  MISSING,
  MISSING,
];
