import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { decimal, formatDecimal } from '@cerberus/core';
import {
  classifyAnswer,
  FrameParser,
  instrumentGrid,
  mapAnswer,
  readAccount,
  readOrder,
  readOrders,
  readPositions,
  readTrades,
} from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';
import { sharedDataPresent, sharedPath } from '../shared-data.ts';

function lines(path: string): { file: string; section: string; raw: string; json?: unknown }[] {
  return gunzipSync(readFileSync(sharedPath(`wire/${path}`)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const anyGrid = new FrameParser({
  market: 'spot',
  gridOf: (symbol) =>
    instrumentGrid({ symbol, tick: decimal('0.00000001'), lot: decimal('0.00000001') }),
});

(sharedDataPresent ? describe : describe.skip)(
  'answers of the 2026 documentation and of other projects (skipped without the shared data directory)',
  () => {
    const documented = (section: string) =>
      lines('binance_docs_rest_responses.jsonl.gz')
        .filter((line) => line.section.endsWith(section) && line.json !== undefined)
        .map((line) => line.json);

    test('placements: the acknowledgement lacks what the result and the full answer have', () => {
      const [ack, result, full] = documented('> New order (TRADE)');
      const answer = (body: unknown) =>
        mapAnswer(
          classifyAnswer({ status: 200, retryAfterSeconds: undefined, body: JSON.stringify(body) }),
          readOrder,
        );
      expect(answer(ack)).toMatchObject({ outcome: 'unknown', reason: 'unparsable' });
      expect(answer(result)).toMatchObject({ outcome: 'ok', value: { status: 'FILLED' } });
      expect(answer(full)).toMatchObject({ outcome: 'ok', value: { venueOrderId: '28' } });
    });

    test('cancellation, query, lists, trades, account', () => {
      const [cancelled] = documented('> Cancel order (TRADE)');
      expect(readOrder(cancelled)).toMatchObject({ status: 'CANCELED', symbol: 'LTCBTC' });
      expect(readOrder(documented('> Query order (USER_DATA)')[0]).clientOrderId).toBe('myOrder1');
      for (const section of ['> Current open orders (USER_DATA)', '> All orders (USER_DATA)']) {
        expect(readOrders(documented(section)[0])).toHaveLength(1);
      }
      const [trade] = readTrades(documented('> Account trade list (USER_DATA)')[0]);
      expect(trade && formatDecimal(trade.price)).toBe('4.000001');
      const [account] = documented('> Account information (USER_DATA)');
      expect(readAccount('spot', account).balances.map((one) => one.asset)).toEqual(['BTC', 'LTC']);
    });

    test('the error payload, a ticker and a book of other projects', () => {
      const [error] = documented('> Error Codes');
      const answer = { status: 400, retryAfterSeconds: undefined, body: JSON.stringify(error) };
      expect(classifyAnswer(answer)).toMatchObject({ reason: 'unknown_symbol', code: -1121 });
      for (const line of lines('xchange/binance_stream.jsonl.gz')) {
        expect(anyGrid.parse(line.raw)).toEqual({ kind: 'ignored', rule: 'ticker_statistics' });
      }
      const files = new Map(
        lines('xchange/binance.jsonl.gz').map((line) => [line.file.split('/').at(-1), line.raw]),
      );
      expect(anyGrid.parse(files.get('depth.json') ?? '', 'BNBBTC')).toMatchObject({
        kind: 'snapshot',
        lastUpdateId: 1027024,
      });
      expect(readOrders(JSON.parse(files.get('open-orders.json') ?? ''))).toHaveLength(1);
      expect(readOrder(JSON.parse(files.get('filled-market-order.json') ?? '')).status).toBe(
        'FILLED',
      );
    });

    test('futures orders, and positions in one-way and in hedge mode', () => {
      const json = (name: string) =>
        JSON.parse(
          readFileSync(sharedPath(`wire/nautilus/binance_py/http_responses/${name}.json`), 'utf8'),
        );
      const orders = json('http_futures_account_orders');
      expect(readOrders(orders)).toHaveLength(orders.length);
      for (const mode of ['one_way', 'hedge']) {
        const positions = json(`http_futures_account_positions_${mode}`);
        const open = positions.filter((one: { positionAmt: string }) => Number(one.positionAmt));
        expect(readPositions(positions)).toHaveLength(open.length);
      }
    });
  },
);
