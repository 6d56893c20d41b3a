import { decimal } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { ORDERS_ERRORS, parseOpeningPositions } from '../src/index.ts';
import { NOW } from './fixtures.ts';

const HEADER = 'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier';
const parse = (...lines: string[]) =>
  parseOpeningPositions([HEADER, ...lines].join('\n'), { timeUs: NOW });

describe('start-up positions', () => {
  test('reads spot, perpetual, option and cash', () => {
    const parsed = parse(
      '# the demo book',
      'demo,spot,BTCUSDT,1.5,61000,,,,',
      '',
      'demo,perpetual,BTCUSDT-PERP.BINANCE,-2,60500.5,,,,',
      '"demo",option,BTC-20261225-100000-C,-10,4200,USDT,,0.55,',
      'demo,cash,,250000,,USDT,,,',
    );
    if (!parsed.ok) throw new Error(parsed.error.message);
    const [spot, perpetual, option, cash] = parsed.value.lines;
    expect(spot).toMatchObject({
      line: 3,
      instrument: null,
      adjustment: {
        adjustment_id: 'opening:demo:BTCUSDT.BINANCE:1',
        instrument_id: 'BTCUSDT.BINANCE',
        quantity: decimal('1.5'),
        price: decimal('61000'),
        reason: 'OPENING',
      },
    });
    expect(perpetual?.adjustment.quantity).toBe(decimal('-2'));
    expect(option?.instrument).toMatchObject({
      instrument_id: 'BTC-20261225-100000-C.OTC',
      style: 'EUROPEAN',
      option_type: 'CALL',
      strike: decimal('100000'),
      volatility: 0.55,
    });
    expect(option?.adjustment.instrument_id).toBe('BTC-20261225-100000-C.OTC');
    expect(cash?.adjustment).toMatchObject({ instrument_id: null, currency: 'USDT', price: null });
  });

  test('columns may come in any order, and only some', () => {
    const text = 'quantity,symbol,kind,account_id\r\n1,BTCUSDT,spot,demo\r\n';
    const parsed = parseOpeningPositions(text, { timeUs: NOW });
    expect(parsed).toMatchObject({ ok: true, value: { lines: [{ line: 2 }] } });
  });

  test('an edited or reordered file keeps the ids of its positions', () => {
    const ids = (...lines: string[]) => {
      const parsed = parse(...lines);
      return parsed.ok
        ? parsed.value.lines.map((line) => line.adjustment.adjustment_id).sort()
        : [];
    };
    const before = ids('demo,spot,BTCUSDT,1,,,,,', 'demo,spot,ETHUSDT,1,,,,,');
    expect(ids('demo,spot,ETHUSDT,7,,,,,', 'demo,spot,BTCUSDT,2,,,,,')).toEqual(before);
    expect(ids('demo,spot,BTCUSDT,1,,,,,', 'demo,spot,BTCUSDT,1,,,,,')).toEqual([
      'opening:demo:BTCUSDT.BINANCE:1',
      'opening:demo:BTCUSDT.BINANCE:2',
    ]);
  });

  test.each([
    ['an unknown kind', 'demo,swap,BTCUSDT,1,,,,,', 'line 2, kind'],
    ['no account', ',spot,BTCUSDT,1,,,,,', 'line 2, account_id'],
    ['no number', 'demo,spot,BTCUSDT,many,,,,,', 'line 2, quantity'],
    ['a quantity of nothing', 'demo,spot,BTCUSDT,0,,,,,', 'line 2, quantity'],
    ['not a number', 'demo,spot,BTCUSDT,NaN,,,,,', 'line 2, quantity'],
    ['a quantity beyond all', 'demo,spot,BTCUSDT,1e308,,,,,', 'line 2, quantity'],
    ['more digits than can be kept', 'demo,spot,BTCUSDT,1e-19,,,,,', 'line 2, quantity'],
    ['a negative price', 'demo,spot,BTCUSDT,1,-5,,,,', 'line 2, price'],
    ['a lower-case symbol', 'demo,spot,btcusdt,1,,,,,', 'line 2, symbol'],
    ['a perpetual called spot', 'demo,spot,BTCUSDT-PERP,1,,,,,', 'line 2, symbol'],
    ['an option that is none', 'demo,option,BTC-20261325-1-C,1,,,,,', 'line 2, symbol'],
    ['a volatility in percent', 'demo,option,BTC-20261225-1-C,1,,,,55,', 'line 2, volatility'],
    ['a volatility of spot', 'demo,spot,BTCUSDT,1,,,,0.5,', 'line 2, volatility'],
    ['cash without currency', 'demo,cash,,1,,,,,', 'line 2, currency'],
    ['too few cells', 'demo,spot,BTCUSDT', 'line 2'],
    ['an open quote', 'demo,"spot,BTCUSDT,1,,,,,', 'line 2'],
  ])('%s is refused by line and column', (_, line, path) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({
      ok: false,
      error: { code: ORDERS_ERRORS.FILE_INVALID.code, faults: [{ path }] },
    });
  });

  test('one bad line refuses the file, and every bad line is named', () => {
    const parsed = parse(
      'demo,spot,BTCUSDT,1,,,,,',
      'demo,spot,BTCUSDT,x,,,,,',
      'demo,x,BTCUSDT,y,,,,,',
    );
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.error.faults.map(({ path }) => path)).toEqual([
      'line 3, quantity',
      'line 4, kind',
      'line 4, quantity',
    ]);
    expect(parsed.error.message).toContain('line 3, quantity: expected a decimal number');
  });

  test.each([
    ['an unknown column', 'account_id,kind,symbol,quantity,colour', 'line 1, column 5'],
    ['a column twice', 'account_id,kind,symbol,quantity,kind', 'line 1, column 5'],
    ['a missing column', 'account_id,kind,symbol', 'line 1, quantity'],
    ['an empty file', '', 'line 1'],
  ])('%s', (_, header, path) => {
    const parsed = parseOpeningPositions(header, { timeUs: NOW });
    expect(parsed).toMatchObject({ ok: false, error: { faults: [{ path }] } });
  });
});
