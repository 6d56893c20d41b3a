import { type EpochUs, epochUsFromMs, faultOf, toNumber } from '@cerberus/core';
import { parseInstrumentId } from '@cerberus/model';
import { type OpeningLine, parseOpeningPositions } from '@cerberus/orders';
import type { OptionKind } from '@cerberus/pricing';
import { CLI_ERRORS } from './errors.ts';
import { faulty, type InputHash, readInput } from './input.ts';

/** Currencies counted at par with the account's: one dollar is one dollar. */
const PAR = ['USD', 'USDT', 'USDC', 'FDUSD', 'BUSD', 'DAI'];
/** Units of quote currency per coin-margined contract on Binance. */
const INVERSE_SIZE: Readonly<Record<string, number>> = { BTC: 100 };
const INVERSE_SIZE_DEFAULT = 10;

export interface OptionTerms {
  readonly kind: OptionKind;
  readonly strike: number;
  readonly expiration: EpochUs;
  readonly volatility: number;
}

/**
 * One position in one risk factor, its underlying. `linear`: worth price × quantity, or the gain since
 * entry for perpetuals. `inverse`: coin-margined, gain converted at the moved price. `cash`: fixed.
 */
export interface BookLine {
  readonly id: string;
  readonly account: string;
  readonly symbol: string;
  readonly underlying: string | null;
  readonly kind: 'spot' | 'perpetual' | 'inverse' | 'option' | 'cash';
  /** Units of the underlying; for inverse contracts units of quote currency. */
  readonly quantity: number;
  readonly entryPrice: number | null;
  readonly option?: OptionTerms;
}

export interface BookLines {
  readonly input: InputHash;
  readonly lines: readonly BookLine[];
}

/** Positions from the CSV that the platform starts from; volatilities by underlying fill empty cells. */
export function readBook(
  path: string,
  asOf: EpochUs,
  volatilities: ReadonlyMap<string, number>,
): BookLines {
  const read = readInput(path);
  const parsed = parseOpeningPositions(read.text, { timeUs: asOf });
  if (!parsed.ok) {
    const [first] = parsed.error.faults;
    throw faulty({
      ...(first ?? parsed.error),
      path: `${read.source} ${first?.path ?? ''}`.trim(),
    });
  }
  const context = { source: read.source, asOf, volatilities };
  const lines = parsed.value.lines.map((line) => bookLine(line, context));
  if (lines.length > 0) return { input: read, lines };
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_INVALID, {
      path: read.source,
      expected: 'positions',
      received: 'none',
    }),
  );
}

interface Context {
  readonly source: string;
  readonly asOf: EpochUs;
  readonly volatilities: ReadonlyMap<string, number>;
}

function bookLine(line: OpeningLine, context: Context): BookLine {
  const { adjustment, instrument } = line;
  const account = adjustment.account_id;
  const id = `${account}:${line.line}`;
  const quantity = toNumber(adjustment.quantity);
  const entryPrice = adjustment.price === null ? null : toNumber(adjustment.price);
  const base = { id, account, quantity, entryPrice };
  if (instrument !== null) {
    const multiplier = toNumber(instrument.contract_multiplier);
    return {
      ...base,
      ...{ symbol: instrument.symbol, underlying: instrument.underlying, kind: 'option' },
      quantity: quantity * multiplier,
      option: optionOf(line, context),
    };
  }
  const { currency, instrument_id: instrumentId } = adjustment;
  if (instrumentId === null) {
    const underlying = PAR.includes(currency) ? null : currency;
    return { ...base, symbol: currency, underlying, kind: underlying === null ? 'cash' : 'spot' };
  }
  const parsed = parseInstrumentId(instrumentId);
  const symbol = parsed.ok ? parsed.value.symbol : instrumentId;
  const pair = symbol.replace(/-PERP$/, '');
  const underlying = underlyingOf(pair, currency);
  if (pair === symbol) return { ...base, symbol, underlying, kind: 'spot' };
  if (!pair.endsWith('USD')) return { ...base, symbol, underlying, kind: 'perpetual' };
  const size = INVERSE_SIZE[underlying] ?? INVERSE_SIZE_DEFAULT;
  return { ...base, symbol, underlying, kind: 'inverse', quantity: quantity * size };
}

/** The symbol without the currency that it is quoted in: BTC of BTCUSDT, MSTR of MSTR. */
function underlyingOf(pair: string, currency: string): string {
  const quote = [currency, ...PAR].find((each) => pair.endsWith(each) && pair !== each);
  return quote === undefined ? pair : pair.slice(0, -quote.length);
}

function optionOf({ instrument, line }: OpeningLine, context: Context): OptionTerms {
  const { option_type, strike, expiration, underlying, volatility: own } = instrument!;
  const { source, asOf, volatilities } = context;
  const at = (column: string) => `${source} line ${line}, ${column}`;
  const volatility = own ?? volatilities.get(underlying);
  if (volatility === undefined) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_MISSING, {
        path: at('volatility'),
        expected: `a volatility in the file or --volatility ${underlying}=0.6`,
      }),
    );
  }
  if (expiration! <= asOf) {
    throw faulty(
      faultOf(CLI_ERRORS.INPUT_INVALID, {
        path: at('symbol'),
        expected: `an option that expires after ${isoTime(asOf)}`,
        received: `expired ${isoTime(expiration!)}`,
      }),
    );
  }
  return {
    kind: option_type === 'PUT' ? 'put' : 'call',
    strike: toNumber(strike!),
    expiration: expiration!,
    volatility,
  };
}

export function isoTime(time: EpochUs): string {
  return `${new Date(time / 1000).toISOString().slice(0, 16)}Z`;
}

/** A date, taken at 00:00 UTC, or a time in UTC. */
export function asOfFlag(text: string): EpochUs {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return epochUsFromMs(ms);
  const expected = 'YYYY-MM-DD or YYYY-MM-DDTHH:MMZ';
  throw faulty(faultOf(CLI_ERRORS.OPTION_INVALID, { path: '--as-of', expected, received: text }));
}
