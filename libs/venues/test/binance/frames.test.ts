import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatDecimal, unwrap } from '@cerberus/core';
import { type FrameEvent, FrameParser, parseInstrumentGrid } from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';
import { sharedDataPresent, sharedPath } from '../shared-data.ts';

const GRID = unwrap(parseInstrumentGrid({ symbol: 'BTCUSDT', tick: '0.01', lot: '0.00001' }));
const parser = new FrameParser({
  market: 'spot',
  gridOf: (symbol) => (symbol === 'BTCUSDT' ? GRID : undefined),
});

const DEPTH =
  '{"e":"depthUpdate","E":1723161255308,"s":"BTCUSDT","U":10,"u":12,"b":[["55653.87000000","0.00000000"]],"a":[["61838.04000000","0.32332000"]]}';

describe('depth updates', () => {
  test('bare and enveloped frames give the same event', () => {
    const bare = parser.parse(DEPTH);
    expect(bare).toEqual({
      kind: 'depth',
      symbol: 'BTCUSDT',
      eventTimeMs: 1723161255308,
      transactionTimeMs: undefined,
      firstUpdateId: 10,
      finalUpdateId: 12,
      previousUpdateId: undefined,
      bids: [5565387, 0],
      asks: [6183804, 32332000],
    });
    expect(parser.parse(`{"stream":"btcusdt@depth@100ms","data":${DEPTH}}`)).toEqual(bare);
  });

  test('any spacing, key order and unknown extra keys give the same event', () => {
    const reordered = JSON.stringify(
      Object.fromEntries([...Object.entries(JSON.parse(DEPTH)).reverse(), ['zz', { x: 1 }]]),
      null,
      1,
    );
    expect(parser.parse(reordered)).toEqual(parser.parse(DEPTH));
  });

  test.each([
    ['malformed_json', DEPTH.slice(0, -3)],
    ['malformed_json', `${DEPTH}}`],
    ['malformed_json', DEPTH.replace('"E":1723161255308', '"E":01723161255308')],
    ['malformed_json', ''],
    ['not_an_object', '42'],
    ['not_an_object', '"text"'],
    ['not_an_object', 'null'],
    ['unknown_symbol', DEPTH.replace('BTCUSDT', 'XYZUSDT')],
    ['missing_field', DEPTH.replace('"U":10,', '')],
    ['missing_field', DEPTH.replace('"s":"BTCUSDT",', '')],
    ['bad_field', DEPTH.replace('"U":10', '"U":13')],
    ['bad_field', DEPTH.replace('"U":10', '"U":-1')],
    ['bad_field', DEPTH.replace('"U":10', '"U":"10"')],
    ['bad_field', DEPTH.replace('"55653.87000000"', '55653.87')],
    ['bad_field', DEPTH.replace('"55653.87000000"', '"NaN"')],
    ['bad_field', DEPTH.replace('"55653.87000000"', '"-1"')],
    ['bad_field', DEPTH.replace(',"0.00000000"', '')],
    ['off_grid', DEPTH.replace('55653.87', '55653.875')],
    ['out_of_range', DEPTH.replace('"0.32332000"', '"99999999999999999999"')],
    ['unknown_type', DEPTH.replace('depthUpdate', 'depthUpgrade')],
    ['unknown_type', '{"hello":1}'],
  ])('is refused as %s: %s', (code, text) => {
    expect(parser.parse(text)).toMatchObject({ kind: 'refused', code });
  });

  test('every cut of a frame is refused and never thrown', () => {
    for (let length = 0; length < DEPTH.length; length += 1) {
      expect(parser.parse(DEPTH.slice(0, length)).kind).toBe('refused');
    }
  });

  test('the scanner and the general parser agree on every one-character change', () => {
    const general = new FrameParser({
      market: 'spot',
      gridOf: (symbol) => (symbol === 'BTCUSDT' ? GRID : undefined),
      scanDepth: false,
    });
    for (let at = 0; at < DEPTH.length; at += 1) {
      for (const replacement of [
        '0',
        '9',
        '"',
        ',',
        ']',
        '}',
        '[',
        '-',
        '.',
        'e',
        ' ',
        '\\',
        'x',
      ]) {
        const text = DEPTH.slice(0, at) + replacement + DEPTH.slice(at + 1);
        expect([text, parser.parse(text)]).toEqual([text, general.parse(text)]);
      }
    }
  });
});

describe('other frames', () => {
  test('quotes of spot (without type) and futures', () => {
    const quote =
      '{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}';
    expect(parser.parse(`{"stream":"btcusdt@bookTicker","data":${quote}}`)).toMatchObject({
      kind: 'quote',
      updateId: 50093239212,
      bidTicks: 6183763,
      askTicks: 6183764,
      bidUnits: 378826000,
      eventTimeMs: undefined,
    });
  });

  test('a trade says who took: m is "buyer is maker"', () => {
    const trade =
      '{"e":"trade","E":2,"s":"BTCUSDT","t":7,"p":"61837.63000000","q":"0.02000000","T":1,"m":true,"M":true}';
    expect(parser.parse(trade)).toMatchObject({
      kind: 'trade',
      tradeId: 7,
      aggressor: 'sell',
      quantityUnits: 2000000,
    });
    expect(parser.parse(trade.replace('"m":true', '"X":"INSURANCE_FUND","m":true'))).toEqual({
      kind: 'ignored',
      rule: 'not_a_market_trade',
    });
  });

  test('a partial book takes its symbol from the stream name, a REST answer from the caller', () => {
    const snapshot = '{"lastUpdateId":160,"bids":[["0.01","431"]],"asks":[["0.02","12"]]}';
    const expected = { kind: 'snapshot', symbol: 'BTCUSDT', lastUpdateId: 160 };
    expect(parser.parse(`{"stream":"btcusdt@depth5","data":${snapshot}}`)).toMatchObject(expected);
    expect(parser.parse(snapshot, 'BTCUSDT')).toMatchObject(expected);
    expect(parser.parse(snapshot)).toMatchObject({ kind: 'refused', code: 'missing_field' });
  });

  test('answers to requests, errors and the shutdown notice', () => {
    expect(parser.parse('{"result":null,"id":3}')).toEqual({ kind: 'ack', id: 3, result: null });
    expect(parser.parse('{"error":{"code":2,"msg":"Invalid request"},"id":4}')).toEqual({
      kind: 'error',
      id: 4,
      code: 2,
      message: 'Invalid request',
    });
    expect(parser.parse('{"code":-1121,"msg":"Invalid symbol."}')).toMatchObject({
      kind: 'error',
      code: -1121,
    });
    expect(parser.parse('{"e":"serverShutdown","E":1770123456789}')).toEqual({ kind: 'shutdown' });
  });

  test('an array of marks is a batch', () => {
    const mark =
      '{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"11794.15","i":"11784.62659091","P":"11784.25641265","r":"0.00038167","T":9}';
    const batch = parser.parse(`{"stream":"!markPrice@arr","data":[${mark},[]]}`);
    if (batch.kind !== 'batch') throw new Error(`expected a batch, got ${batch.kind}`);
    const [event] = batch.events;
    if (event?.kind !== 'mark') throw new Error('expected a mark');
    expect(formatDecimal(event.markPrice)).toBe('11794.15');
    expect(event.fundingRate === undefined ? '' : formatDecimal(event.fundingRate)).toBe(
      '0.00038167',
    );
    expect(batch.events[1]).toMatchObject({ kind: 'refused' });
  });
});

(sharedDataPresent ? describe : describe.skip)(
  'documented and captured messages (skipped without the shared data directory)',
  () => {
    const anyGrid = new FrameParser({
      market: 'spot',
      gridOf: (symbol) =>
        unwrap(parseInstrumentGrid({ symbol, tick: '0.00000001', lot: '0.00000001' })),
    });

    test('no documented stream payload is unknown', () => {
      const lines = gunzipSync(
        readFileSync(sharedPath('wire/binance_docs_market_streams.jsonl.gz')),
      )
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const kinds = lines
        .filter((line) => line.json.method === undefined)
        .map((line): [string, FrameEvent] => [
          line.section,
          anyGrid.parse(JSON.stringify(line.json)),
        ])
        .map(([section, event]) => [section, event.kind === 'refused' ? event : event.kind]);
      // A documented partial book names its symbol in the stream only, which the example omits.
      const refusals = kinds.filter(([, kind]) => typeof kind === 'object');
      expect(refusals).toEqual([
        [
          expect.stringContaining('Partial Book Depth'),
          expect.objectContaining({ code: 'missing_field' }),
        ],
      ]);
      expect(new Set(kinds.map(([, kind]) => kind))).toEqual(
        new Set([
          'shutdown',
          'ack',
          'ignored',
          'agg-trade',
          'trade',
          'bar',
          'batch',
          'quote',
          'depth',
          expect.anything(),
        ]),
      );
    });

    test.each([
      ['agg_trade_stream', 'agg-trade'],
      ['book_ticker_stream', 'quote'],
      ['depth_update_stream', 'depth'],
      ['kline_stream_closed', 'bar'],
      ['kline_stream_open', 'bar'],
      ['liquidation_stream', 'ignored'],
      ['mark_price_stream', 'mark'],
      ['ticker_stream', 'ignored'],
      ['trade_stream', 'trade'],
    ])('futures %s is a %s', (file, kind) => {
      const path = sharedPath(`wire/nautilus/binance/futures/market_data_json/${file}.json`);
      expect(anyGrid.parse(readFileSync(path, 'utf8')).kind).toBe(kind);
    });

    test.each(['capture_binance_spot_2021-10-12', 'capture_binance_futures_2021-07-22'])(
      '%s: every received frame is parsed',
      (name) => {
        const lines = gunzipSync(readFileSync(sharedPath(`ticks/${name}.jsonl.gz`)))
          .toString('utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .filter((line) => line.kind === 'recv' || line.url?.includes('/depth?'));
        expect(lines.length).toBeGreaterThan(200);
        for (const line of lines) {
          const symbol = /symbol=(\w+)/.exec(line.url ?? '')?.[1];
          expect(['refused', 'ignored']).not.toContain(anyGrid.parse(line.raw, symbol).kind);
        }
      },
    );
  },
);
