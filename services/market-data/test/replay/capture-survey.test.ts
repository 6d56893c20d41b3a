import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decimal } from '@cerberus/core';
import { capturedInstruments, surveyCapture } from '@cerberus/service-market-data';
import { afterAll, describe, expect, test } from '@jest/globals';
import { depth, line, quote, SESSION, snapshot, trade } from './capture-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'capture-survey-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function survey(content: string | Buffer) {
  const result = await surveyCapture(written('capture', content));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('surveyCapture', () => {
  test('finds market, symbol, times, and grids from the finest decimals', async () => {
    const found = await survey(SESSION.join(''));
    expect(found).toMatchObject({
      ...{ market: 'spot', lines: SESSION.length, snapshots: 1 },
      firstTimeUs: 1_723_161_253_000_000,
      lastTimeUs: 1_723_161_253_080_000,
      symbols: [{ symbol: 'BTCUSDT', firstPrice: 61_000.1 }],
    });
    const [captured] = capturedInstruments(found);
    expect(captured?.instrument).toMatchObject({
      ...{ instrument_id: 'BTCUSDT.BINANCE', kind: 'SPOT', underlying: 'BTC', inverse: false },
      tick_size: decimal('0.01'),
      // Trades are lot multiples; the level of 0.425618 is not.
      lot_size: decimal('0.01'),
    });
    expect(captured?.listed.grid.quantity.step).toBe(decimal('0.000001'));
  });

  test('tells futures by content and knows their contracts', async () => {
    const usdm = await survey(line(0, depth(1, 2, { pu: 0, T: 1 })));
    expect(usdm.market).toBe('usdm');
    expect(capturedInstruments(usdm)[0]?.instrument).toMatchObject({
      ...{ instrument_id: 'BTCUSDT-PERP.BINANCE', kind: 'PERPETUAL', settlement_currency: 'USDT' },
    });
    for (const [symbol, pair, dollars] of [
      ['BTCUSD_PERP', 'BTCUSD', '100'],
      ['ETHUSD_PERP', 'ETHUSD', '10'],
    ]) {
      const coinm = await survey(line(0, depth(1, 2, { pu: 0, ps: pair, s: symbol })));
      expect(coinm.market).toBe('coinm');
      const base = pair?.slice(0, 3);
      expect(capturedInstruments(coinm)[0]?.instrument).toMatchObject({
        ...{ instrument_id: `${base}USD-PERP.BINANCE`, inverse: true, settlement_currency: base },
        contract_multiplier: decimal(dollars as string),
      });
    }
    const dated = await survey(line(0, depth(1, 2, { pu: 0, s: 'BTCUSDT_240927' })));
    expect(capturedInstruments(dated)[0]?.instrument).toMatchObject({
      ...{ kind: 'FUTURE', symbol: 'BTCUSDT-240927', expiration: Date.UTC(2024, 8, 27, 8) * 1000 },
    });
  });

  test('what precedes a damaged end is enough', async () => {
    const packed = gzipSync(SESSION.join('').repeat(200));
    const found = await survey(packed.subarray(0, packed.length - 40));
    expect(found.symbols).toHaveLength(1);
    expect((await survey(SESSION.join('').slice(0, -4))).lines).toBe(SESSION.length - 1);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /is empty/],
    ['an empty gzip file', gzipSync(''), /is empty/],
    ['half a line', '17231612530000', /no complete line/],
    ['a table', 'date,open\n2024-01-01,1\n', /is not a capture: none of its 2 lines/],
    ['JSON lines of another recorder', '{"t":1.5,"raw":"{}"}\n', /is not a capture/],
    ['a broken gzip file', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]), /cannot be read/],
    ['another venue', line(0, { channel: 'ticker', symbol: 'XBT/USD' }), /no market data/],
    ['text without JSON', '1723161253000000000 hello\n', /no market data/],
    [
      'two markets in one',
      line(0, depth(1, 2)) + line(1, depth(1, 2, { pu: 0 })),
      /several markets/,
    ],
  ])('%s is refused with a clear message', async (_, content, message) => {
    const result = await surveyCapture(written('bad', content));
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'CRB_VENUE_CAPTURE_UNREADABLE', message: expect.stringMatching(message) },
    });
  });

  test('a missing file is refused by name', async () => {
    const result = await surveyCapture(join(folder, 'absent.gz'));
    expect(result).toMatchObject({
      ok: false,
      error: { path: join(folder, 'absent.gz'), message: expect.stringMatching(/ENOENT/) },
    });
  });

  test('quotes and trades without depth make a survey too', async () => {
    const text = line(0, quote('61000.12', '61000.2')) + line(1, trade(7, '0.00003'));
    expect(await survey(text)).toMatchObject({ market: 'spot', snapshots: 0 });
    expect(await survey(text + line(2, snapshot(5)))).toMatchObject({ snapshots: 1 });
  });
});
