import { fail, faultOf, ok, type Result } from '@cerberus/core';
import type { Instrument } from '@cerberus/schema';
import { MODEL_ERRORS } from './errors.ts';

/** Reference data by id, and by bare symbol where that names one instrument only. */
export class InstrumentBook {
  readonly #byId = new Map<string, Instrument>();
  readonly #bySymbol = new Map<string, Set<string>>();

  upsert(instrument: Instrument): void {
    this.#byId.set(instrument.instrument_id, instrument);
    const ids = this.#bySymbol.get(instrument.symbol) ?? new Set<string>();
    ids.add(instrument.instrument_id);
    this.#bySymbol.set(instrument.symbol, ids);
  }

  get(id: string): Instrument | undefined {
    return this.#byId.get(id);
  }

  values(): IterableIterator<Instrument> {
    return this.#byId.values();
  }

  /** Accepts `BTCUSDT.BINANCE`, or `BTCUSDT` with a venue or where only one venue lists it. */
  resolve(symbol: string, venue?: string): Result<Instrument> {
    const direct = this.#byId.get(venue === undefined ? symbol : `${symbol}.${venue}`);
    if (direct !== undefined) return ok(direct);
    const ids = venue === undefined ? this.#bySymbol.get(symbol) : undefined;
    if (ids !== undefined && ids.size > 1) {
      return fail(
        faultOf(MODEL_ERRORS.SYMBOL_AMBIGUOUS, {
          path: 'symbol',
          expected: `one of ${[...ids].sort().join(', ')}`,
          received: symbol,
        }),
      );
    }
    const [only] = ids ?? [];
    const instrument = only === undefined ? undefined : this.#byId.get(only);
    if (instrument !== undefined) return ok(instrument);
    return fail(
      faultOf(MODEL_ERRORS.SYMBOL_UNKNOWN, {
        path: 'symbol',
        expected: 'a symbol of the reference data (GET /api/v1/risk/instruments)',
        received: (venue === undefined ? symbol : `${symbol} on ${venue}`).slice(0, 100),
      }),
    );
  }
}
