import { classifyAnswer, mapAnswer, parseExactJson, readOrder } from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';

function classify(status: number, body: unknown, retryAfterSeconds?: number) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classifyAnswer({ status, body: text, retryAfterSeconds });
}

describe('classifyAnswer', () => {
  test.each([
    [400, -2010, 'Account has insufficient balance for requested action.', 'insufficient_balance'],
    [400, -2010, 'Duplicate order sent.', 'duplicate_client_order_id'],
    [400, -2010, 'Order would immediately match and take.', 'would_take'],
    [400, -2010, 'Market is closed.', 'other'],
    [400, -2011, 'Unknown order sent.', 'unknown_order'],
    [400, -2013, 'Order does not exist.', 'unknown_order'],
    [400, -1013, 'Filter failure: LOT_SIZE', 'filter'],
    [400, -1021, 'Timestamp for this request is outside of the recvWindow.', 'bad_timestamp'],
    [400, -1022, 'Signature for this request is not valid.', 'bad_signature'],
    [400, -1102, 'Mandatory parameter was not sent.', 'bad_parameter'],
    [400, -1121, 'Invalid symbol.', 'unknown_symbol'],
    [401, -2015, 'Invalid API-key, IP, or permissions for action.', 'not_authorised'],
    [400, -2019, 'Margin is insufficient.', 'insufficient_balance'],
    [400, -4116, 'ClientOrderId is duplicated.', 'duplicate_client_order_id'],
    [400, -5022, 'Post Only order will be rejected.', 'would_take'],
  ])('%i %i %s is a definite rejection: %s', (status, code, msg, reason) => {
    expect(classify(status, { code, msg })).toEqual({
      outcome: 'rejected',
      reason,
      code,
      message: msg,
    });
  });

  test.each([
    [500, 'Internal error', 'server_error'],
    [502, '<html>Bad gateway</html>', 'server_error'],
    [503, { code: -1, msg: 'Unknown error' }, 'server_error'],
    [400, { code: -1006, msg: 'Unexpected response' }, 'venue_timeout'],
    [408, { code: -1007, msg: 'Timeout waiting for response' }, 'venue_timeout'],
    [400, { code: -1000, msg: 'An unknown error occurred' }, 'venue_timeout'],
    [200, '{"orderId":1', 'unparsable'],
    [200, '', 'unparsable'],
    [400, '<html>', 'unparsable'],
  ])('%i %p leaves the outcome unknown: %s', (status, body, reason) => {
    expect(classify(status, body)).toMatchObject({ outcome: 'unknown', reason });
  });

  test('throttles say when to come back', () => {
    expect(classify(429, { code: -1003, msg: 'Too many requests' }, 7)).toEqual({
      outcome: 'rate-limited',
      by: 'venue',
      retryAfterMs: 7000,
    });
    expect(classify(418, 'banned', 120)).toMatchObject({ by: 'ban', retryAfterMs: 120_000 });
    expect(classify(400, { code: -1015, msg: 'Too many new orders' })).toMatchObject({
      outcome: 'rate-limited',
      retryAfterMs: 10_000,
    });
  });

  test('good answers pass, an unreadable good answer is unknown', () => {
    expect(classify(200, { code: 200, msg: 'success' })).toMatchObject({ outcome: 'ok' });
    expect(mapAnswer(classify(200, {}), readOrder)).toMatchObject({
      outcome: 'unknown',
      reason: 'unparsable',
    });
  });
});

test('order ids beyond 2⁵³ keep every digit', () => {
  const json = parseExactJson('{"orderId":8389765528376498764,"small":12,"price":"1.50","x":1.5}');
  expect(json).toEqual({ orderId: '8389765528376498764', small: 12, price: '1.50', x: 1.5 });
});

test.each([
  ['8389765528376498764', '8389765528376498764'],
  [' -8389765528376498764', '-8389765528376498764'],
  ['[8389765528376498764, 8389765528376498765]', ['8389765528376498764', '8389765528376498765']],
  ['{"a" : {"b" :\n 8389765528376498764}}', { a: { b: '8389765528376498764' } }],
  ['{"id":"x8389765528376498764","n":1}', { id: 'x8389765528376498764', n: 1 }],
  ['{"id":"x:8389765528376498764","n":1}', { id: 'x:8389765528376498764', n: 1 }],
])('wherever they stand: %s', (text, expected) => {
  expect(parseExactJson(text)).toEqual(expected);
});
