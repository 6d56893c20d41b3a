import { decimal, epochUs, formatEpochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import {
  assetClassOf,
  InstrumentBook,
  instrumentId,
  optionSymbol,
  otcOption,
  parseInstrumentId,
  parseOptionSymbol,
} from '../src/index.ts';

const terms = (text: string) => {
  const parsed = parseOptionSymbol(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

describe('instrument ids', () => {
  test('split at the last dot and join again', () => {
    const parsed = parseInstrumentId('BRK.B.NYSE');
    expect(parsed).toEqual({ ok: true, value: { symbol: 'BRK.B', venue: 'NYSE' } });
    expect(parsed.ok && instrumentId(parsed.value)).toBe('BRK.B.NYSE');
  });

  test.each(['', 'BTCUSDT', '.BINANCE', 'btcusdt.BINANCE', 'BTC USDT.BINANCE', 'X.binance'])(
    'refuse %p',
    (text) => {
      expect(parseInstrumentId(text)).toMatchObject({
        error: { code: 'CRB_MODEL_INSTRUMENT_ID_INVALID' },
      });
    },
  );
});

describe('option symbols', () => {
  test('carry underlying, expiry, strike and type', () => {
    const option = terms('BTC-20261225-100000-C');
    expect(formatEpochUs(option.expiration)).toBe('2026-12-25T08:00:00.000000Z');
    expect(option).toMatchObject({
      underlying: 'BTC',
      optionType: 'CALL',
      strike: decimal(100000),
    });
    expect(optionSymbol(option)).toBe('BTC-20261225-100000-C');
    expect(optionSymbol(terms('MSTR-20261218-1.5-P'))).toBe('MSTR-20261218-1.5-P');
  });

  test.each(['BTC-20260230-1-C', 'BTC-20261225-0-C', 'BTC-20261225-100000-X', 'BTC'])(
    'refuse %p',
    (text) => {
      expect(parseOptionSymbol(text)).toMatchObject({
        error: { code: 'CRB_MODEL_OPTION_SYMBOL_INVALID' },
      });
    },
  );
});

describe('instrument book', () => {
  const at = epochUs(0);
  const option = otcOption(terms('BTC-20261225-100000-C'), { currency: 'USD', updatedAt: at });
  const listed = { ...option, venue: 'DERIBIT', instrument_id: `${option.symbol}.DERIBIT` };

  test('resolves ids, and bare symbols while they are unambiguous', () => {
    const book = new InstrumentBook();
    book.upsert(option);
    expect(book.resolve(option.symbol)).toEqual({ ok: true, value: option });
    expect(book.resolve(option.instrument_id)).toEqual({ ok: true, value: option });
    book.upsert(listed);
    expect(book.resolve(option.symbol)).toMatchObject({
      error: { code: 'CRB_MODEL_SYMBOL_AMBIGUOUS' },
    });
    expect(book.resolve(option.symbol, 'DERIBIT')).toEqual({ ok: true, value: listed });
    expect(book.resolve('DOGEUSDT')).toMatchObject({ error: { code: 'CRB_MODEL_SYMBOL_UNKNOWN' } });
  });

  test('an option is of the asset class option', () => {
    expect(assetClassOf(option.kind)).toBe('option');
  });
});
