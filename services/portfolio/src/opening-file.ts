import { readFileSync, statSync } from 'node:fs';
import { type Bus, LedgerWriter, outgoingRecord, type TableView } from '@cerberus/bus';
import { CerberusError, type EpochUs, faultOf } from '@cerberus/core';
import { type OpeningLine, type OpeningPositions, parseOpeningPositions } from '@cerberus/orders';
import { type HostContext, messageOf } from '@cerberus/runtime';
import type { Codecs, Instrument, PositionAdjustment } from '@cerberus/schema';
import { PORTFOLIO_ERRORS } from './errors.ts';

const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Reads and checks the file; throws a message that names every bad line and column. */
export function readOpeningFile(file: string, timeUs: EpochUs): OpeningPositions {
  const parsed = parseOpeningPositions(textOf(file), { timeUs });
  if (parsed.ok) return parsed.value;
  throw new CerberusError(
    faultOf(PORTFOLIO_ERRORS.FILE_INVALID, {
      path: file,
      message: `nothing was loaded: ${parsed.error.message}`,
    }),
  );
}

function textOf(file: string): string {
  const unreadable = (message: string) =>
    new CerberusError(faultOf(PORTFOLIO_ERRORS.FILE_UNREADABLE, { path: file, message }));
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX) throw unreadable(`${size} bytes, at most ${FILE_BYTES_MAX}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CerberusError) throw error;
    throw unreadable(messageOf(error));
  }
}

export interface OpeningReport {
  readonly published: number;
  /** Lines whose position was opened before. */
  readonly known: number;
  /** Of those, lines that now say something else; they change nothing. */
  readonly changed: number;
}

/** Writes opening positions, and the options they name, to the ledger: each position once, ever. */
export class OpeningWriter {
  readonly #host: HostContext;
  readonly #bus: Bus;
  readonly #codecs: Codecs;
  readonly #instruments: TableView<'ref.instrument'>;

  constructor(
    host: HostContext,
    ports: { readonly bus: Bus; readonly codecs: Codecs },
    instruments: TableView<'ref.instrument'>,
  ) {
    this.#host = host;
    this.#bus = ports.bus;
    this.#codecs = ports.codecs;
    this.#instruments = instruments;
  }

  async write({ lines }: OpeningPositions): Promise<OpeningReport> {
    const writer = new LedgerWriter({
      bus: this.#bus,
      host: this.#host,
      id: 'portfolio-opening',
      scope: 'platform',
    });
    try {
      // The producer is taken first: what is read afterwards is all that can have been written.
      await writer.open();
      const known = await this.#written();
      const fresh = lines.filter(({ adjustment }) => !known.has(adjustment.adjustment_id));
      const changed = lines.filter((line) => this.#differs(line, known));
      const records = [
        ...this.#newOptions(lines).map((value) =>
          outgoingRecord(this.#codecs, { topic: 'ref.instrument', value }),
        ),
        ...fresh.map(({ adjustment: value }) =>
          outgoingRecord(this.#codecs, { topic: 'position.adjustment', value }),
        ),
      ];
      if (records.length > 0) await writer.append(records);
      return {
        published: fresh.length,
        known: lines.length - fresh.length,
        changed: changed.length,
      };
    } finally {
      await writer.close();
    }
  }

  /** Opening adjustments that are in the ledger already. */
  async #written(): Promise<ReadonlyMap<string, PositionAdjustment>> {
    const written = new Map<string, PositionAdjustment>();
    const follower = await this.#bus.follow({
      topics: ['position.adjustment'],
      from: 'beginning',
      onRecord: ({ value }) => {
        if (value === null) return;
        const decoded = this.#codecs.decode('position.adjustment', value);
        // What cannot be read is in the dead letters of those who book it.
        if (decoded.ok) written.set(decoded.value.adjustment_id, decoded.value);
      },
    });
    await follower.caughtUp;
    await follower.stop();
    return written;
  }

  #differs(
    { line, adjustment }: OpeningLine,
    known: ReadonlyMap<string, PositionAdjustment>,
  ): boolean {
    const before = known.get(adjustment.adjustment_id);
    if (before === undefined) return false;
    if (before.quantity === adjustment.quantity && before.price === adjustment.price) return false;
    this.#host.log.warn(
      { line, adjustment_id: adjustment.adjustment_id },
      `line ${line} of the opening file differs from the position opened before; it is not applied`,
    );
    return true;
  }

  /** Options not in the reference data, or there with another volatility or multiplier. */
  #newOptions(lines: readonly OpeningLine[]): Instrument[] {
    const options = new Map<string, Instrument>();
    for (const { instrument } of lines) {
      if (instrument === null) continue;
      const known = this.#instruments.get(instrument.instrument_id);
      if (known === undefined || !sameOption(known, instrument)) {
        options.set(instrument.instrument_id, instrument);
      }
    }
    return [...options.values()];
  }
}

function sameOption(a: Instrument, b: Instrument): boolean {
  return (
    a.contract_multiplier === b.contract_multiplier &&
    a.settlement_currency === b.settlement_currency &&
    (b.volatility === null || a.volatility === b.volatility)
  );
}
