import type { Instrument, Position } from '@cerberus/schema';

export interface HeldPosition {
  readonly position: Position;
  readonly instrument: Instrument;
}

/** Positions with their reference data, by underlying. */
export class PositionBook {
  readonly #positions = new Map<string, Position>();
  readonly #instruments = new Map<string, Instrument>();
  #byUnderlying: Map<string, HeldPosition[]> | undefined;
  /** Grows whenever what is held, or what it is, changes. */
  revision = 0;

  onPosition(positionId: string, position: Position | undefined): void {
    if (position === undefined || position.quantity === 0n) this.#positions.delete(positionId);
    else this.#positions.set(positionId, position);
    this.#changed();
  }

  onInstrument(instrumentId: string, instrument: Instrument | undefined): void {
    if (instrument === undefined) this.#instruments.delete(instrumentId);
    else this.#instruments.set(instrumentId, instrument);
    this.#changed();
  }

  position(positionId: string): Position | undefined {
    return this.#positions.get(positionId);
  }

  instrument(instrumentId: string): Instrument | undefined {
    return this.#instruments.get(instrumentId);
  }

  instruments(): IterableIterator<Instrument> {
    return this.#instruments.values();
  }

  underlyings(): string[] {
    return [...this.#grouped().keys()].sort();
  }

  of(underlying: string): readonly HeldPosition[] {
    return this.#grouped().get(underlying) ?? [];
  }

  ofAccount(accountId: string): HeldPosition[] {
    return [...this.#grouped().values()]
      .flat()
      .filter(({ position }) => position.account_id === accountId);
  }

  accounts(): string[] {
    const ids = new Set([...this.#positions.values()].map(({ account_id }) => account_id));
    return [...ids].sort();
  }

  /** Positions whose instrument is not in the reference data: they cannot be valued. */
  unknown(accountId: string): Position[] {
    return [...this.#positions.values()].filter(
      (position) =>
        position.account_id === accountId && !this.#instruments.has(position.instrument_id),
    );
  }

  #grouped(): Map<string, HeldPosition[]> {
    if (this.#byUnderlying !== undefined) return this.#byUnderlying;
    const grouped = new Map<string, HeldPosition[]>();
    // Order of ids, not of arrival: sums of doubles must not depend on who came first.
    const ids = [...this.#positions.keys()].sort();
    for (const id of ids) {
      const position = this.#positions.get(id)!;
      const instrument = this.#instruments.get(position.instrument_id);
      if (instrument === undefined) continue;
      const held = grouped.get(instrument.underlying) ?? [];
      held.push({ position, instrument });
      grouped.set(instrument.underlying, held);
    }
    this.#byUnderlying = grouped;
    return grouped;
  }

  #changed(): void {
    this.#byUnderlying = undefined;
    this.revision += 1;
  }
}
