import {
  DECIMAL_SCALE,
  type Decimal,
  decimalFromUnits,
  fail,
  faultOf,
  invariant,
  ok,
  parseDecimal,
  type Result,
} from '@cerberus/core';
import { VENUE_ERRORS } from './errors.ts';

/** Refusals of `StepCodec.scan`; counts themselves are never negative. */
export const NOT_A_NUMBER = -1;
export const OFF_STEP = -2;
export const OUT_OF_RANGE = -3;

const ZERO_CODE = 48;
const NINE_CODE = 57;
const DOT_CODE = 46;
/** Seventeen digits may pass 2⁵³; fifteen never do, so only longer numbers need the range check. */
const SAFE_DIGITS = 15;

/**
 * Counts of one step (a tick or a quantity unit) in JavaScript integers. Text goes to the count digit by
 * digit, so no binary fraction is ever formed: what the venue wrote is what the book holds.
 */
export class StepCodec {
  readonly step: Decimal;
  readonly decimals: number;
  readonly #unitsPerStep: number;

  constructor(step: Decimal) {
    invariant(step > 0n, 'step is positive');
    const digits = step.toString();
    const trailingZeros = digits.length - digits.replace(/0+$/, '').length;
    this.decimals = Math.max(0, DECIMAL_SCALE - trailingZeros);
    this.#unitsPerStep = Number(step / 10n ** BigInt(DECIMAL_SCALE - this.decimals));
    invariant(Number.isSafeInteger(this.#unitsPerStep), 'step has at most 15 significant digits');
    this.step = step;
  }

  /** Count for `text[start, end)`, or a negative refusal. Plain notation only, without sign. */
  scan(text: string, start: number, end: number): number {
    let units = 0;
    let fraction = -1;
    let digits = 0;
    for (let i = start; i < end; i += 1) {
      const code = text.charCodeAt(i);
      if (code === DOT_CODE && fraction < 0 && digits > 0) {
        fraction = 0;
        continue;
      }
      if (code < ZERO_CODE || code > NINE_CODE) return NOT_A_NUMBER;
      digits += 1;
      if (fraction >= 0) {
        if (fraction === this.decimals) {
          if (code !== ZERO_CODE) return OFF_STEP;
          continue;
        }
        fraction += 1;
      }
      units = units * 10 + (code - ZERO_CODE);
    }
    if (digits === 0 || text.charCodeAt(end - 1) === DOT_CODE) return NOT_A_NUMBER;
    for (let i = Math.max(fraction, 0); i < this.decimals; i += 1) units *= 10;
    if (digits + this.decimals > SAFE_DIGITS && !Number.isSafeInteger(units)) return OUT_OF_RANGE;
    if (this.#unitsPerStep === 1) return units;
    const count = units / this.#unitsPerStep;
    return Number.isInteger(count) ? count : OFF_STEP;
  }

  parse(text: string): number {
    return this.scan(text, 0, text.length);
  }

  /** Shortest exact text, e.g. `61837.63`. */
  text(count: number): string {
    if (this.decimals === 0) return String(count * this.#unitsPerStep);
    const digits = (BigInt(count) * BigInt(this.#unitsPerStep))
      .toString()
      .padStart(this.decimals + 1, '0');
    const whole = digits.slice(0, -this.decimals);
    const fraction = digits.slice(-this.decimals).replace(/0+$/, '');
    return fraction === '' ? whole : `${whole}.${fraction}`;
  }

  /** The text with every decimal of the step, as venues print it. */
  fixedText(count: number): string {
    const shortest = this.text(count);
    if (this.decimals === 0) return shortest;
    const dot = shortest.indexOf('.');
    const present = dot < 0 ? 0 : shortest.length - dot - 1;
    return `${shortest}${dot < 0 ? '.' : ''}${'0'.repeat(this.decimals - present)}`;
  }

  decimal(count: number): Decimal {
    return decimalFromUnits(BigInt(count) * this.step);
  }

  /** Nearest double of the value, for analytics. */
  number(count: number): number {
    return (count * this.#unitsPerStep) / 10 ** this.decimals;
  }
}

/** Price ticks and quantity units of one instrument. */
export interface InstrumentGrid {
  readonly symbol: string;
  /** Order quantities are multiples of this. */
  readonly lot: Decimal;
  readonly price: StepCodec;
  /** Counts of `quantityUnit`, finer than the lot. */
  readonly quantity: StepCodec;
}

export type GridLookup = (symbol: string) => InstrumentGrid | undefined;

/** Venues keep balances, and so the remainders of orders, to 10⁻⁸. */
const FINEST_QUANTITY = 10n ** BigInt(DECIMAL_SCALE - 8);
const UNITS_PER_LOT = 1000n;

/**
 * Published level quantities are NOT always multiples of the lot: the recorded BTCUSDT session of
 * 2024-08-08 has 25.426189 where the lot is 0.00001. A book therefore counts thousandths of a lot,
 * but nothing finer than 10⁻⁸.
 */
function defaultQuantityUnit(lot: Decimal): Decimal {
  const fine = lot / UNITS_PER_LOT;
  if (fine >= FINEST_QUANTITY && lot % UNITS_PER_LOT === 0n) return fine as Decimal;
  return (lot > FINEST_QUANTITY && lot % FINEST_QUANTITY === 0n ? FINEST_QUANTITY : lot) as Decimal;
}

export interface GridSteps<T> {
  readonly symbol: string;
  readonly tick: T;
  readonly lot: T;
}

export function instrumentGrid(steps: GridSteps<Decimal>): InstrumentGrid {
  return {
    symbol: steps.symbol,
    lot: steps.lot,
    price: new StepCodec(steps.tick),
    quantity: new StepCodec(defaultQuantityUnit(steps.lot)),
  };
}

export function parseInstrumentGrid(steps: GridSteps<string>): Result<InstrumentGrid> {
  const tick = parseDecimal(steps.tick, `${steps.symbol}.tick`);
  if (!tick.ok) return tick;
  const lot = parseDecimal(steps.lot, `${steps.symbol}.lot`);
  if (!lot.ok) return lot;
  if (tick.value <= 0n || lot.value <= 0n) {
    return fail(
      faultOf(VENUE_ERRORS.BAD_GRID, {
        path: steps.symbol,
        expected: 'positive tick and lot sizes',
        received: `${steps.tick}, ${steps.lot}`,
      }),
    );
  }
  return ok(instrumentGrid({ symbol: steps.symbol, tick: tick.value, lot: lot.value }));
}
