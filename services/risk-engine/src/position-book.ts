import type { PartitionOwner } from '@cerberus/bus';
import type { Instrument, Position } from '@cerberus/schema';

export interface HeldPosition {
  readonly position: Position;
  readonly instrument: Instrument;
}

/** Positions with their reference data, by underlying. */
export class PositionBook {
  readonly #owner: Pick<PartitionOwner, 'owns'>;
  readonly #positions = new Map<string, Position>();
  /** Positions that were held once: as many as the table of positions has rows. */
  readonly #closed = new Map<string, Position>();
  readonly #instruments = new Map<string, Instrument>();
  #byUnderlying: Map<string, HeldPosition[]> | undefined;
  #owned: Map<string, HeldPosition[]> | undefined;
  /** Grows whenever what is held, what it is, or whose it is to publish, changes. */
  revision = 0;

  /** Every instance knows all positions; the owner tells which are this one's to publish. */
  constructor(owner: Pick<PartitionOwner, 'owns'>) {
    this.#owner = owner;
  }

  onPosition(positionId: string, position: Position | undefined): void {
    const last = position ?? this.#positions.get(positionId);
    if (position === undefined || position.quantity === 0n) {
      this.#positions.delete(positionId);
      if (last !== undefined) this.#closed.set(positionId, last);
    } else {
      this.#positions.set(positionId, position);
      this.#closed.delete(positionId);
    }
    this.#changed();
  }

  onInstrument(instrumentId: string, instrument: Instrument | undefined): void {
    if (instrument === undefined) this.#instruments.delete(instrumentId);
    else this.#instruments.set(instrumentId, instrument);
    this.#changed();
  }

  /** Other accounts and instruments than before are this instance's to publish. */
  onShares(): void {
    this.#changed();
  }

  owns(key: string): boolean {
    return this.#owner.owns(key);
  }

  position(positionId: string): Position | undefined {
    return this.#positions.get(positionId);
  }

  instrument(instrumentId: string): Instrument | undefined {
    return this.#instruments.get(instrumentId);
  }

  /** Those that this instance publishes scenarios of. */
  ownInstruments(): Instrument[] {
    return [...this.#instruments.values()].filter((each) => this.owns(each.instrument_id));
  }

  /** Of positions of anybody. */
  underlyings(): string[] {
    return [...this.#grouped().keys()].sort();
  }

  /** Positions of this instance's accounts. */
  of(underlying: string): readonly HeldPosition[] {
    this.#owned ??= new Map();
    let owned = this.#owned.get(underlying);
    if (owned === undefined) {
      const held = this.#grouped().get(underlying) ?? [];
      owned = held.filter(({ position }) => this.owns(position.account_id));
      this.#owned.set(underlying, owned);
    }
    return owned;
  }

  /** One position, whoever holds it, of each of this instance's instruments: that of the last id. */
  samples(underlying: string): HeldPosition[] {
    const samples = new Map<string, HeldPosition>();
    for (const held of this.#grouped().get(underlying) ?? []) {
      const { instrument_id: id } = held.instrument;
      if (this.owns(id)) samples.set(id, held);
    }
    return [...samples.values()];
  }

  /** This instance's accounts with positions. */
  accounts(): string[] {
    const ids = new Set([...this.#positions.values()].map(({ account_id }) => account_id));
    return [...ids].filter((id) => this.owns(id)).sort();
  }

  /** This instance's accounts that hold or once held something in an underlying, by underlying. */
  everHeld(): Map<string, Set<string>> {
    const byUnderlying = new Map<string, Set<string>>();
    for (const positions of [this.#positions, this.#closed]) {
      for (const { account_id: account, instrument_id: id } of positions.values()) {
        const underlying = this.#instruments.get(id)?.underlying;
        if (underlying === undefined || !this.owns(account)) continue;
        const accounts = byUnderlying.get(underlying) ?? new Set();
        byUnderlying.set(underlying, accounts.add(account));
      }
    }
    return byUnderlying;
  }

  /** Positions of this instance's accounts that cannot be valued, having no reference data. */
  unknown(): Position[] {
    return [...this.#positions.values()].filter(
      ({ account_id: account, instrument_id: id }) =>
        this.owns(account) && !this.#instruments.has(id),
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
    this.#owned = undefined;
    this.revision += 1;
  }
}
