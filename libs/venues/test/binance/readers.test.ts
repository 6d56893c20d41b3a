import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatDecimal } from '@cerberus/core';
import {
  readAccount,
  readBars,
  readExchangeInfo,
  readOrder,
  readOrders,
  readTrades,
  readUserFrame,
} from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';
import { sharedDataPresent, sharedPath } from '../shared-data.ts';

const json = (path: string) => JSON.parse(readFileSync(sharedPath(`wire/${path}`), 'utf8'));
const text = (path: string) => readFileSync(sharedPath(`wire/${path}`), 'utf8');
const SPOT = 'nautilus/binance/spot/http_json';
const FUTURES = 'nautilus/binance/futures/http_json';

(sharedDataPresent ? describe : describe.skip)(
  'documented answers and events (skipped without the shared data directory)',
  () => {
    test('orders of spot and futures', () => {
      const full = readOrder(json(`${SPOT}/new_order_full_response.json`));
      expect(full).toMatchObject({ venueOrderId: '28', status: 'FILLED', side: 'SELL' });
      expect(full.fills.map((fill) => formatDecimal(fill.quantity))).toEqual([
        '1',
        '5',
        '2',
        '1',
        '1',
      ]);
      expect(readOrder(json(`${SPOT}/cancel_order_response.json`))).toMatchObject({
        clientOrderId: 'myOrder1',
        status: 'CANCELED',
      });
      expect(readOrders(json(`${SPOT}/open_orders_response.json`))).toHaveLength(1);
      expect(readOrder(json(`${FUTURES}/order_response.json`))).toMatchObject({
        clientOrderId: 'testOrder123',
        status: 'NEW',
      });
    });

    test('trades', () => {
      expect(readTrades(json(`${SPOT}/account_trades_response.json`))[0]).toMatchObject({
        tradeId: '28457',
        side: 'BUY',
        maker: false,
        feeAsset: 'BNB',
      });
      const futures = json('nautilus/binance_py/http_responses/http_futures_account_trades.json');
      expect(readTrades(futures)[0]).toMatchObject({ tradeId: '82357626', side: 'SELL' });
    });

    test('accounts', () => {
      const spot = readAccount('spot', json(`${SPOT}/account_response.json`));
      expect(spot.balances.map((balance) => [balance.asset, formatDecimal(balance.free)])).toEqual([
        ['BTC', '4723846.89208129'],
        ['LTC', '4763368.68006011'],
      ]);
      const futures = readAccount('usdm', json(`${FUTURES}/account_info_v2.json`));
      expect(futures.positions).toEqual([]);
      expect(futures.balances).toHaveLength(1);
    });

    test('complete instrument lists', () => {
      const [line] = gunzipSync(
        readFileSync(sharedPath('instruments/binance_spot_exchange_info_2021-10-12.jsonl.gz')),
      )
        .toString('utf8')
        .split('\n');
      const spot = readExchangeInfo('spot', JSON.parse(JSON.parse(line ?? '').raw));
      expect(spot.refused).toEqual([]);
      expect(spot.instruments.length).toBeGreaterThan(1000);
      const bitcoin = spot.instruments.find((candidate) => candidate.symbol === 'BTCUSDT');
      expect(
        bitcoin &&
          [bitcoin.tick, bitcoin.lot, bitcoin.minNotional].map((v) => v && formatDecimal(v)),
      ).toEqual(['0.01', '0.00001', '10']);
      const futures = readExchangeInfo(
        'usdm',
        json('nautilus/binance_py/http_responses/http_futures_market_exchange_info.json'),
      );
      expect(futures.refused).toEqual([]);
      expect(futures.instruments[0]).toMatchObject({
        symbol: 'BTCUSDT',
        contract: 'perpetual',
        settle: 'USDT',
        deliveryTimeMs: undefined,
      });
    });

    test('bars', () => {
      const rows = json(`${SPOT}/klines_response.json`);
      const bars = readBars(rows, { symbol: 'X', interval: '1m', nowMs: Date.UTC(2030, 0) });
      expect(bars).toHaveLength(rows.length);
      expect(bars[0]).toMatchObject({ kind: 'bar', closed: true, openTimeMs: rows[0][0] });
    });

    const folders = [
      'nautilus/binance/spot/user_data_json',
      'nautilus/binance/futures/user_data_json',
    ];
    const files = sharedDataPresent
      ? folders.flatMap((folder) =>
          readdirSync(sharedPath(`wire/${folder}`)).map((file) => `${folder}/${file}`),
        )
      : [];
    test.each(files)('user event %s is understood', (file) => {
      const event = readUserFrame(text(file));
      expect(event).not.toMatchObject({ kind: 'refused' });
      const name = file.split('/').at(-1) ?? '';
      const expected = /^(execution_report|order_update)/.test(name)
        ? 'order'
        : /^account_(position|update)/.test(name)
          ? 'balances'
          : 'ignored';
      expect(event.kind).toBe(expected);
    });

    test.each(
      sharedDataPresent
        ? readdirSync(sharedPath('wire/nautilus/binance_py/ws_messages')).filter((file) =>
            /execution_report|order_update/.test(file),
          )
        : [],
    )('captured user event %s is understood', (file) => {
      const event = readUserFrame(text(`nautilus/binance_py/ws_messages/${file}`));
      expect(event).toMatchObject({ kind: 'order' });
    });

    test('a spot trade event carries its fill', () => {
      const event = readUserFrame(
        text('nautilus/binance/spot/user_data_json/execution_report_trade.json'),
      );
      if (event.kind !== 'order' || event.trade === undefined) throw new Error('no trade');
      expect(event.trade).toMatchObject({ tradeId: '98765432', feeAsset: 'ETH', maker: true });
      expect(formatDecimal(event.order.filledQuantity)).toBe('1');
    });
  },
);

test.each([
  ['{"e":"executionReport"}', 'missing_field'],
  ['{"e":"somethingNew"}', 'unknown_type'],
  ['{"e":', 'malformed_json'],
  ['[]', 'not_an_object'],
])('%s is refused as %s', (frame, code) => {
  expect(readUserFrame(frame)).toMatchObject({ kind: 'refused', code });
});
