import {
  type Decimal,
  type EpochUs,
  type Fault,
  fail,
  faultOf,
  formatDecimal,
  ok,
  parseDecimal,
  type Result,
} from '@cerberus/core';
import { OTC, otcOption, parseInstrumentId, parseOptionSymbol } from '@cerberus/model';
import type { Instrument, PositionAdjustment } from '@cerberus/schema';
import { type CsvRow, parseCsv } from './csv-table.ts';
import { ORDERS_ERRORS } from './errors.ts';

/** Columns of a file of start-up positions; the first four are required. */
export const OPENING_COLUMNS = [
  'account_id',
  'kind',
  'symbol',
  'quantity',
  'price',
  'currency',
  'venue',
  'volatility',
  'multiplier',
] as const;
export type OpeningColumn = (typeof OPENING_COLUMNS)[number];

const REQUIRED: readonly OpeningColumn[] = ['account_id', 'kind', 'symbol', 'quantity'];
const KINDS = ['spot', 'perpetual', 'option', 'cash'] as const;
type Kind = (typeof KINDS)[number];

const DEFAULT_VENUE = 'BINANCE';
const DEFAULT_CURRENCY = 'USDT';
const PERPETUAL_SUFFIX = '-PERP';
const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const CURRENCY = /^[A-Z0-9]{2,12}$/;
const VOLATILITY_MAX = 10;
/** Faults told at once. */
const FAULTS_MAX = 20;

export interface OpeningLine {
  readonly line: number;
  readonly adjustment: PositionAdjustment;
  /** Reference data of an option that no venue lists. */
  readonly instrument: Instrument | null;
}

export interface OpeningPositions {
  readonly lines: readonly OpeningLine[];
}

/** Every fault names its line and column. */
export interface OpeningFaults extends Fault {
  readonly faults: readonly Fault[];
}

/**
 * Start-up positions from CSV text: spot, perpetual and European option positions and cash. Nothing
 * is given when any line is bad. The id of an adjustment is its account and instrument (and which of
 * several lines of the same), never its amounts: a file loaded again, also one that was edited, can
 * add lines but never double a position.
 */
export function parseOpeningPositions(
  text: string,
  options: { readonly timeUs: EpochUs },
): Result<OpeningPositions, OpeningFaults> {
  const table = parseCsv(text);
  if (!table.ok) return refused([table.error]);
  const header = headerOf(table.value.header);
  if (!header.ok) return refused(header.error.faults);
  const reader = new LineReader(header.value, options.timeUs);
  const lines = table.value.rows.map((row) => reader.read(row));
  if (reader.faults.length > 0) return refused(reader.faults);
  return ok({ lines: lines.filter((line) => line !== undefined) });
}

function headerOf({ line, cells }: CsvRow): Result<Map<OpeningColumn, number>, OpeningFaults> {
  const columns = new Map<OpeningColumn, number>();
  const faults: Fault[] = [];
  for (const [index, cell] of cells.entries()) {
    const column = OPENING_COLUMNS.find((each) => each === cell.toLowerCase());
    if (column === undefined || columns.has(column)) {
      const expected = `each once of ${OPENING_COLUMNS.join(', ')}`;
      faults.push(lineFault(line, `column ${index + 1}`, { expected, received: cell }));
    } else columns.set(column, index);
  }
  for (const column of REQUIRED.filter((each) => !columns.has(each))) {
    faults.push(lineFault(line, column, { expected: 'this column', received: 'none' }));
  }
  return faults.length === 0 ? ok(columns) : refused(faults);
}

class LineReader {
  readonly faults: Fault[] = [];
  readonly #columns: ReadonlyMap<OpeningColumn, number>;
  readonly #timeUs: EpochUs;
  readonly #occurrences = new Map<string, number>();
  #row: CsvRow = { line: 0, cells: [] };

  constructor(columns: ReadonlyMap<OpeningColumn, number>, timeUs: EpochUs) {
    this.#columns = columns;
    this.#timeUs = timeUs;
  }

  read(row: CsvRow): OpeningLine | undefined {
    this.#row = row;
    const before = this.faults.length;
    const accountId = this.#text('account_id', ACCOUNT, 'letters, digits, _ . -');
    const kind = this.#kind();
    const quantity = this.#decimal('quantity', this.#cell('quantity'), 'other than 0');
    const currency = this.#currency(kind);
    const priceText = this.#cell('price');
    const price = priceText === '' ? null : (this.#decimal('price', priceText, 'above 0') ?? null);
    const instrument = kind === 'option' ? this.#option(currency) : null;
    const instrumentId = instrument?.instrument_id ?? this.#instrumentId(kind);
    this.#unused(kind);
    if (this.faults.length > before) return undefined;
    return {
      line: row.line,
      instrument,
      adjustment: {
        adjustment_id: this.#id(accountId, instrumentId ?? `cash:${currency}`),
        account_id: accountId,
        instrument_id: instrumentId,
        currency,
        quantity: quantity!,
        price,
        reason: 'OPENING',
        note: `line ${row.line} of the opening file`,
        time: this.#timeUs,
      },
    };
  }

  #id(accountId: string, what: string): string {
    const name = `opening:${accountId}:${what}`;
    const nth = (this.#occurrences.get(name) ?? 0) + 1;
    this.#occurrences.set(name, nth);
    return `${name}:${nth}`;
  }

  #kind(): Kind | undefined {
    const received = this.#cell('kind');
    const kind = KINDS.find((each) => each === received.toLowerCase());
    if (kind === undefined) this.#fault('kind', `one of ${KINDS.join(', ')}`, received);
    return kind;
  }

  #instrumentId(kind: Kind | undefined): string | null {
    const received = this.#cell('symbol');
    if (kind === 'cash' || kind === undefined || kind === 'option') return null;
    const venue = this.#cell('venue') || DEFAULT_VENUE;
    const id = /\.[A-Z][A-Z0-9_]*$/.test(received) ? received : `${received}.${venue}`;
    const parsed = parseInstrumentId(id);
    if (!parsed.ok) {
      this.#fault('symbol', parsed.error.expected ?? 'a symbol', received);
      return null;
    }
    if (this.#cell('venue') !== '' && parsed.value.venue !== venue) {
      this.#fault('venue', parsed.value.venue, venue);
    }
    const isPerpetual = parsed.value.symbol.endsWith(PERPETUAL_SUFFIX);
    if (isPerpetual !== (kind === 'perpetual')) {
      const expected =
        kind === 'spot' ? 'a spot symbol such as BTCUSDT' : 'a symbol such as BTCUSDT-PERP';
      this.#fault('symbol', expected, received);
    }
    return id;
  }

  #option(currency: string): Instrument | null {
    const received = this.#cell('symbol');
    const terms = parseOptionSymbol(
      received.endsWith(`.${OTC}`) ? received.slice(0, -4) : received,
    );
    const venue = this.#cell('venue');
    if (venue !== '' && venue !== OTC) this.#fault('venue', `${OTC} or empty`, venue);
    if (!terms.ok) {
      this.#fault('symbol', terms.error.expected ?? 'an option symbol', received);
      return null;
    }
    const multiplierText = this.#cell('multiplier');
    const multiplier =
      multiplierText === '' ? undefined : this.#decimal('multiplier', multiplierText, 'above 0');
    return otcOption(terms.value, {
      currency,
      updatedAt: this.#timeUs,
      volatility: this.#volatility(),
      ...(multiplier === undefined ? {} : { multiplier }),
    });
  }

  #volatility(): number | null {
    const received = this.#cell('volatility');
    if (received === '') return null;
    const volatility = Number(received);
    if (volatility > 0 && volatility <= VOLATILITY_MAX) return volatility;
    this.#fault('volatility', `a fraction above 0, such as 0.55, to ${VOLATILITY_MAX}`, received);
    return null;
  }

  /** A volatility on a spot line is a cell in the wrong column: refused rather than dropped. */
  #unused(kind: Kind | undefined): void {
    if (kind === undefined) return;
    const columns: OpeningColumn[] = kind === 'option' ? [] : ['volatility', 'multiplier'];
    if (kind === 'cash') columns.push('symbol', 'price', 'venue');
    for (const column of columns) {
      const received = this.#cell(column);
      if (received !== '') this.#fault(column, `nothing for ${kind}`, received);
    }
  }

  #currency(kind: Kind | undefined): string {
    const received = this.#cell('currency');
    if (received === '' && kind !== 'cash') return DEFAULT_CURRENCY;
    if (!CURRENCY.test(received)) this.#fault('currency', 'a currency such as USDT', received);
    return received;
  }

  #decimal(
    column: OpeningColumn,
    received: string,
    rule: 'above 0' | 'other than 0',
  ): Decimal | undefined {
    const parsed = parseDecimal(received);
    if (!parsed.ok) {
      this.#fault(column, parsed.error.expected ?? 'a decimal number', received);
      return undefined;
    }
    const { value } = parsed;
    if (value === 0n || (rule === 'above 0' && value < 0n)) {
      this.#fault(column, `a number ${rule}`, formatDecimal(value));
    }
    return value;
  }

  #text(column: OpeningColumn, pattern: RegExp, expected: string): string {
    const received = this.#cell(column);
    if (!pattern.test(received)) this.#fault(column, expected, received);
    return received;
  }

  #cell(column: OpeningColumn): string {
    const index = this.#columns.get(column);
    return index === undefined ? '' : (this.#row.cells[index] ?? '');
  }

  #fault(column: OpeningColumn, expected: string, received: string): void {
    if (this.faults.length >= FAULTS_MAX) return;
    this.faults.push(lineFault(this.#row.line, column, { expected, received }));
  }
}

function lineFault(
  line: number,
  column: string,
  { expected, received }: { readonly expected: string; readonly received: string },
): Fault {
  return faultOf(ORDERS_ERRORS.FILE_INVALID, {
    path: `line ${line}, ${column}`,
    expected,
    received: received.slice(0, 60) || 'nothing',
  });
}

function refused(faults: readonly Fault[]): { readonly ok: false; readonly error: OpeningFaults } {
  const listed = faults.map(
    ({ path, expected, received }) => `${path}: expected ${expected}, got ${received}`,
  );
  const fault = faultOf(ORDERS_ERRORS.FILE_INVALID, { message: listed.join('; ') });
  return fail({ ...fault, faults });
}
