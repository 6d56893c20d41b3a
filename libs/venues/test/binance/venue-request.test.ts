import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { decimal } from '@cerberus/core';
import {
  ApiCredentials,
  allOrdersRequest,
  type BinanceMarket,
  cancelOrderRequest,
  type NewVenueOrder,
  placeOrderRequest,
  queryOrderRequest,
} from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';
import { sharedDataPresent, sharedPath } from '../shared-data.ts';

const LIMIT: NewVenueOrder = {
  symbol: 'LTCUSDT',
  side: 'BUY',
  type: 'limit',
  quantity: decimal('0.2'),
  price: decimal('50'),
  timeInForce: 'GTC',
  clientOrderId: undefined,
};

function bodyOf(market: BinanceMarket, order: NewVenueOrder): Record<string, string> {
  const request = placeOrderRequest(market, order);
  if (!request.ok) throw new Error(request.error.message);
  return Object.fromEntries(request.value.params);
}

(sharedDataPresent ? describe : describe.skip)(
  'order requests as ccxt sends them (skipped without the shared data directory)',
  () => {
    const recorded = sharedDataPresent
      ? readFileSync(sharedPath('wire/order_requests.jsonl'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .filter((line) => line.venue === 'binance')
      : [];
    const cases: [string, BinanceMarket, NewVenueOrder][] = [
      ['Spot limit buy order', 'spot', LIMIT],
      [
        'Spot market buy order by cost',
        'spot',
        {
          symbol: 'LTCUSDT',
          side: 'BUY',
          type: 'market-by-value',
          quoteQuantity: decimal(10),
          clientOrderId: undefined,
        },
      ],
      [
        'Swap limit buy order',
        'usdm',
        { ...LIMIT, quantity: decimal('0.1'), price: decimal('55') },
      ],
      [
        'Spot limit buy with triggerPrice',
        'spot',
        {
          symbol: 'LTCUSDT',
          side: 'BUY',
          type: 'stop-limit',
          quantity: decimal('0.2'),
          price: decimal(50),
          stopPrice: decimal(100),
          timeInForce: 'GTC',
          clientOrderId: undefined,
        },
      ],
    ];

    test('every recorded Binance request is covered', () => {
      expect(recorded.map((line) => line.description)).toEqual(cases.map(([name]) => name));
    });

    test.each(cases)('%s', (name, market, order) => {
      const line = recorded.find((candidate) => candidate.description === name);
      const expected = Object.fromEntries(new URLSearchParams(line.body));
      const { timestamp, recvWindow, ...fields } = expected;
      expect([timestamp, recvWindow]).toEqual([expect.any(String), '10000']);
      expect(bodyOf(market, order)).toEqual(fields);
      const request = placeOrderRequest(market, order);
      expect(new URL(line.url).pathname).toBe(request.ok ? request.value.path : '');
    });

    test('the published signature', () => {
      const vector = JSON.parse(readFileSync(sharedPath('wire/signing_vectors.json'), 'utf8')).find(
        (candidate: { venue: string }) => candidate.venue === 'binance',
      );
      const credentials = new ApiCredentials(vector.api_key, vector.secret);
      expect(credentials.sign(vector.string_to_sign)).toBe(vector.expected_signature);
    });
  },
);

describe('placeOrderRequest', () => {
  test('post-only is LIMIT_MAKER on spot and GTX on futures', () => {
    const order: NewVenueOrder = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'post-only',
      quantity: decimal('0.010'),
      price: decimal('61837.60'),
      clientOrderId: 'c1',
    };
    expect(bodyOf('spot', order)).toEqual({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT_MAKER',
      quantity: '0.01',
      price: '61837.6',
      newOrderRespType: 'FULL',
      newClientOrderId: 'c1',
    });
    expect(bodyOf('usdm', { ...order, reduceOnly: true })).toMatchObject({
      type: 'LIMIT',
      timeInForce: 'GTX',
      reduceOnly: 'true',
    });
  });

  test.each([
    ['a client id of 37 characters', 'spot', { ...LIMIT, clientOrderId: 'x'.repeat(37) }],
    ['an empty client id', 'spot', { ...LIMIT, clientOrderId: '' }],
    ['no quantity', 'spot', { ...LIMIT, quantity: decimal(0) }],
    ['a negative price', 'spot', { ...LIMIT, price: decimal(-1) }],
    ['reduce-only on spot', 'spot', { ...LIMIT, reduceOnly: true }],
  ] as const)('refuses %s', (_name, market, order) => {
    const request = placeOrderRequest(market, order);
    expect(request.ok ? 'built' : request.error.code).toBe('CRB_VENUE_BAD_REQUEST');
  });

  test('queries and cancellations go by client id or venue id', () => {
    expect(queryOrderRequest('spot', { symbol: 'A', clientOrderId: 'c' }).params).toEqual([
      ['symbol', 'A'],
      ['origClientOrderId', 'c'],
    ]);
    expect(cancelOrderRequest('usdm', { symbol: 'A', venueOrderId: '9' })).toMatchObject({
      method: 'DELETE',
      path: '/fapi/v1/order',
      params: [
        ['symbol', 'A'],
        ['orderId', '9'],
      ],
    });
  });

  test.each([
    ['spot', '/api/v3/allOrders', 20],
    ['usdm', '/fapi/v1/allOrders', 5],
  ] as const)('%s: all orders since a moment, and from an order on', (market, path, weight) => {
    const since = { symbol: 'A', startTimeMs: 1_700_000_000_000, limit: 1000 };
    expect(allOrdersRequest(market, since)).toEqual({
      ...{ method: 'GET', path, security: 'signed', weight, orders: 0, priority: 'query' },
      params: [
        ['symbol', 'A'],
        ['startTime', '1700000000000'],
        ['limit', '1000'],
      ],
    });
    expect(allOrdersRequest(market, { symbol: 'A', fromId: '12' }).params).toEqual([
      ['symbol', 'A'],
      ['orderId', '12'],
    ]);
  });
});

test('a secret never shows', () => {
  const credentials = new ApiCredentials('key', 'very-secret');
  expect(JSON.stringify({ credentials })).not.toContain('very-secret');
  expect(inspect({ credentials }, { depth: 9, showHidden: true })).not.toContain('very-secret');
});
