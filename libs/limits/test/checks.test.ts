import { decimal } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import { blocksOf, LIMITS_ERRORS, warningsOf } from '../src/index.ts';
import {
  BTC,
  checkOf,
  codes,
  feed,
  gate,
  instrument,
  judge,
  kill,
  later,
  limit,
  MANDATORY,
  market,
  NOW,
  order,
  quote,
} from './fixtures.ts';

describe('an order within every limit', () => {
  test('passes with what each check measured', () => {
    const result = judge(gate(), order());
    expect(codes(result)).toEqual([]);
    expect(result.passed).toBe(true);
    expect(checkOf(result, 'notional')).toMatchObject({
      value: 60_000,
      limit: 500_000,
      unit: 'USD',
      utilization: 0.12,
      scope: 'FIRM:*',
      severity: 'HARD',
    });
    expect(result).toMatchObject({ arrivalMid: 60_000, referenceTimeUs: NOW });
  });

  test('a soft limit warns and lets pass', () => {
    const result = judge(gate(), order({ quantity: decimal('6') }));
    expect(result.passed).toBe(true);
    expect(warningsOf(result.checks)).toMatchObject([
      { check: 'order_size', severity: 'SOFT', value: 6, limit: 5 },
    ]);
    expect(blocksOf(result.checks)).toEqual([]);
  });
});

describe('fails closed', () => {
  test.each(['order_size', 'notional', 'price_collar', 'position'])(
    'without a %s limit',
    (type) => {
      const result = judge(gate(MANDATORY.filter((each) => each.limit_type !== type)), order());
      expect(result.passed).toBe(false);
      expect(checkOf(result, type)).toMatchObject({
        passed: false,
        severity: 'HARD',
        code: LIMITS_ERRORS.NOT_CONFIGURED.code,
      });
    },
  );

  test.each([
    ['disabled', { enabled: false }, LIMITS_ERRORS.NOT_CONFIGURED],
    ['only soft', { hard: null, soft: decimal('1') }, LIMITS_ERRORS.NOT_CONFIGURED],
    ['not yet in force', { effective_time: later(1) }, LIMITS_ERRORS.NOT_CONFIGURED],
    ['of another account', { scope: 'ACCOUNT', scope_id: 'x' }, LIMITS_ERRORS.NOT_CONFIGURED],
    ['in an unknown unit', { unit: 'lots' }, LIMITS_ERRORS.LIMIT_INVALID],
    ['negative', { hard: decimal('-1') }, LIMITS_ERRORS.LIMIT_INVALID],
  ] as const)('where the only limit is %s', (_, change, error) => {
    const limits = MANDATORY.map((each) =>
      each.limit_type === 'order_size' ? { ...each, ...change } : each,
    );
    expect(checkOf(judge(gate(limits), order()), 'order_size')?.code).toBe(error.code);
  });

  test('while the gate is not ready', () => {
    const result = judge(gate(), order(), { notReady: 'reading control.limit' });
    expect(codes(result)).toEqual([LIMITS_ERRORS.NOT_READY.code]);
    expect(result.passed).toBe(false);
  });

  test('on a request asked long ago, or whose time has passed', () => {
    const book = gate();
    const old = order({ request_time: (NOW - 31_000_000) as typeof NOW });
    expect(codes(judge(book, old))).toEqual([LIMITS_ERRORS.REQUEST_EXPIRED.code]);
    book.apply('control.limit', limit({ limit_type: 'request_age', unit: 'ms', hard: '60000' }));
    expect(codes(judge(book, old))).toEqual([]);
    expect(codes(judge(book, order({ expire_time: NOW })))).toEqual([
      LIMITS_ERRORS.REQUEST_EXPIRED.code,
    ]);
  });

  test('on an instrument nobody knows', () => {
    const result = judge(gate(), order({ instrument_id: 'DOGE.X' }));
    expect(codes(result)).toContain(LIMITS_ERRORS.INSTRUMENT_UNKNOWN.code);
    expect(result.passed).toBe(false);
  });
});

describe('price and its trust', () => {
  test.each([
    [
      'no quote',
      (book: ReturnType<typeof gate>) => book.apply('md.quote', quote({ instrument_id: 'X' })),
      true,
    ],
    [
      'a crossed quote',
      (book: ReturnType<typeof gate>) => book.apply('md.quote', quote({ bid_price: 60_001 })),
      false,
    ],
    [
      'an empty side',
      (book: ReturnType<typeof gate>) => book.apply('md.quote', quote({ bid_price: 0 })),
      false,
    ],
    [
      'a price that is no number',
      (book: ReturnType<typeof gate>) => book.apply('md.quote', quote({ ask_price: Number.NaN })),
      false,
    ],
    [
      'an infinite price',
      (book: ReturnType<typeof gate>) =>
        book.apply('md.quote', quote({ ask_price: Number.POSITIVE_INFINITY })),
      false,
    ],
    [
      'an untrusted quote',
      (book: ReturnType<typeof gate>) => book.apply('md.quote', quote({ quality: 'UNTRUSTED' })),
      false,
    ],
  ] as const)('%s blocks', (_, spoil, empty) => {
    const book = gate();
    if (empty) book.apply('ref.instrument', instrument({ instrument_id: 'Y.BINANCE' }));
    spoil(book);
    const result = judge(book, market(empty ? { instrument_id: 'Y.BINANCE' } : {}));
    expect(codes(result)).toContain(LIMITS_ERRORS.PRICE_MISSING.code);
    expect(codes(result)).toContain(LIMITS_ERRORS.NOT_VALUED.code);
    expect(result.passed).toBe(false);
  });

  test('an old quote blocks, at the tightest age configured', () => {
    const book = gate();
    const at = (ms: number) =>
      codes(judge(book, order({ request_time: later(ms) }), { nowUs: later(ms) }));
    expect(at(9_999)).toEqual([]);
    expect(at(10_001)).toEqual([LIMITS_ERRORS.PRICE_STALE.code]);
    book.apply('control.limit', limit({ limit_type: 'stale_price', unit: 'ms', hard: '500' }));
    expect(at(501)).toEqual([LIMITS_ERRORS.PRICE_STALE.code]);
  });

  test('a quote from the future is a clock fault', () => {
    const book = gate();
    book.apply('md.quote', quote({ receive_time: later(60_000) }));
    expect(codes(judge(book, order()))).toEqual([LIMITS_ERRORS.PRICE_STALE.code]);
  });

  test.each(['CONNECTING', 'SYNCING', 'STALE', 'DOWN'] as const)(
    'a feed that is %s blocks',
    (state) => {
      const book = gate();
      book.apply('md.status', feed({ state }));
      expect(codes(judge(book, order()))).toEqual([LIMITS_ERRORS.FEED_NOT_LIVE.code]);
    },
  );

  test('an older quote does not replace a newer one', () => {
    const book = gate();
    book.apply(
      'md.quote',
      quote({ receive_time: (NOW - 5) as typeof NOW, bid_price: 1, ask_price: 2 }),
    );
    expect(judge(book, order()).arrivalMid).toBe(60_000);
  });
});

describe('order value', () => {
  test('a market order is valued at the collar price, not at nothing', () => {
    const result = judge(gate(), market({ quantity: decimal('8') }));
    expect(checkOf(result, 'notional')).toMatchObject({ passed: false, value: 504_000 });
  });

  test('a sell limit below the market is valued at the market', () => {
    const sell = order({ side: 'SELL', limit_price: decimal('59000'), quantity: decimal('2') });
    expect(checkOf(judge(gate(), sell), 'notional')?.value).toBe(120_000);
  });

  test('an order at the limit passes, a tick above it does not', () => {
    const at = (price: string) =>
      checkOf(
        judge(gate(), order({ quantity: decimal('8'), limit_price: decimal(price) })),
        'notional',
      )?.passed;
    expect(at('62500')).toBe(true);
    expect(at('62500.01')).toBe(false);
  });

  test('inverse contracts count their face value', () => {
    const book = gate();
    book.apply(
      'ref.instrument',
      instrument({ contract_multiplier: decimal('100'), inverse: true, kind: 'PERPETUAL' }),
    );
    expect(checkOf(judge(book, order({ quantity: decimal('10') })), 'notional')?.value).toBe(1000);
  });

  test('another quote currency is converted, or blocks', () => {
    const book = gate();
    const pair = {
      instrument_id: 'ETHBTC.BINANCE',
      symbol: 'ETHBTC',
      underlying: 'ETH',
      base_currency: 'ETH',
      quote_currency: 'BTC',
    };
    book.apply(
      'ref.instrument',
      instrument({ ...pair, tick_size: decimal('0.00001'), min_notional: decimal('0.0001') }),
    );
    book.apply(
      'md.quote',
      quote({ instrument_id: pair.instrument_id, bid_price: 0.04, ask_price: 0.04 }),
    );
    book.apply('md.status', feed({ instrument_id: pair.instrument_id }));
    const eth = order({ instrument_id: pair.instrument_id, limit_price: decimal('0.04') });
    expect(checkOf(judge(book, eth), 'notional')?.value).toBe(2400);
    book.apply('md.status', feed({ state: 'DOWN' }));
    expect(checkOf(judge(book, eth), 'notional')?.code).toBe(LIMITS_ERRORS.NOT_VALUED.code);
  });

  test('an amount beyond decimals is blocked, not a crash', () => {
    const huge = order({ quantity: decimal('9e19'), limit_price: decimal('9e19') });
    const result = judge(gate(), huge);
    expect(result.passed).toBe(false);
    expect(Number.isFinite(checkOf(result, 'notional')?.value)).toBe(true);
  });
});

describe('price collar', () => {
  const collar = (over: Parameters<typeof order>[0]) =>
    checkOf(judge(gate(), order(over)), 'price_collar');

  test('blocks buying too high and selling too low', () => {
    expect(collar({ limit_price: decimal('63000') })).toMatchObject({
      passed: false,
      severity: 'SOFT',
      value: 500,
    });
    expect(collar({ limit_price: decimal('63000.01') })).toMatchObject({
      passed: false,
      severity: 'HARD',
    });
    expect(collar({ side: 'SELL', limit_price: decimal('56999.99') })).toMatchObject({
      passed: false,
      severity: 'HARD',
    });
  });

  test('only warns of a price far on the passive side', () => {
    expect(collar({ limit_price: decimal('30000') })).toMatchObject({
      passed: false,
      severity: 'SOFT',
      value: 5000,
    });
  });

  test('holds a market order to the far side of the book', () => {
    const book = gate();
    book.apply('md.quote', quote({ bid_price: 50_000, ask_price: 60_000 }));
    expect(checkOf(judge(book, market()), 'price_collar')).toMatchObject({
      passed: false,
      severity: 'HARD',
    });
  });
});

describe('instrument rules and market state', () => {
  test.each([
    ['a quantity of nothing', { quantity: decimal('0') }, LIMITS_ERRORS.QUANTITY_INVALID],
    ['a negative quantity', { quantity: decimal('-1') }, LIMITS_ERRORS.QUANTITY_INVALID],
    ['a broken lot', { quantity: decimal('1.0005') }, LIMITS_ERRORS.LOT_SIZE],
    ['too much for the venue', { quantity: decimal('9001') }, LIMITS_ERRORS.MAX_QUANTITY],
    ['a broken tick', { limit_price: decimal('60000.001') }, LIMITS_ERRORS.TICK_SIZE],
    ['no limit price', { limit_price: null }, LIMITS_ERRORS.PRICE_REQUIRED],
    ['no stop price', { order_type: 'STOP' }, LIMITS_ERRORS.PRICE_REQUIRED],
    ['a negative price', { limit_price: decimal('-1') }, LIMITS_ERRORS.PRICE_INVALID],
    [
      'too little value',
      { quantity: decimal('0.001'), limit_price: decimal('4999') },
      LIMITS_ERRORS.MIN_NOTIONAL,
    ],
  ] as const)('%s', (_, change, error) => {
    expect(checkOf(judge(gate(), order(change)), 'instrument_rules')?.code).toBe(error.code);
  });

  test.each([
    ['halted', { status: 'HALTED' }, LIMITS_ERRORS.INSTRUMENT_HALTED],
    ['expired', { status: 'EXPIRED' }, LIMITS_ERRORS.INSTRUMENT_EXPIRED],
    ['past its expiry', { expiration: NOW }, LIMITS_ERRORS.INSTRUMENT_EXPIRED],
    ['not traded on a venue', { venue: 'OTC' }, LIMITS_ERRORS.NOT_TRADABLE],
  ] as const)('an instrument that is %s', (_, change, error) => {
    const book = gate();
    book.apply('ref.instrument', instrument(change));
    expect(checkOf(judge(book, order()), 'market_state')?.code).toBe(error.code);
  });
});

describe('kill switch', () => {
  test.each([
    ['FIRM', 'anything', true],
    ['ACCOUNT', 'demo', true],
    ['ACCOUNT', 'other', false],
    ['STRATEGY', 's1', true],
    ['STRATEGY', '*', true],
    ['STRATEGY', 's2', false],
    ['UNDERLYING', 'BTC', true],
    ['SYMBOL', 'BTCUSDT', true],
    ['SYMBOL', BTC, true],
    ['SYMBOL', 'ETHUSDT', false],
  ] as const)('%s %s', (scope, scopeId, stops) => {
    const book = gate();
    book.apply('control.kill', kill({ scope, scope_id: scopeId }));
    expect(judge(book, order({ strategy_id: 's1' })).passed).toBe(!stops);
    book.apply('control.kill', kill({ scope, scope_id: scopeId, engaged: false }));
    expect(judge(book, order({ strategy_id: 's1' })).passed).toBe(true);
  });
});
