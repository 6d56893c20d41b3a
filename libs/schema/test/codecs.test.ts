import { decimal, type EpochUs, epochUs } from '@cerberus/core';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Codecs,
  type Fill,
  partitionKey,
  type Quote,
  recordKey,
  SCHEMAS,
  type SchemaSource,
  TOPICS,
} from '../src/index.ts';

/** Ids in order of registration, as any registry gives them. */
class ListSource implements SchemaSource {
  readonly texts: string[] = [];
  async register(_subject: string, schema: string): Promise<number> {
    const known = this.texts.indexOf(schema);
    return known >= 0 ? known + 1 : this.texts.push(schema);
  }
  async schemaText(id: number): Promise<string | undefined> {
    return this.texts[id - 1];
  }
}

const quote: Quote = {
  instrument_id: 'BTCUSDT.BINANCE',
  venue: 'BINANCE',
  event_time: 1_723_161_255_208_123 as EpochUs,
  receive_time: 1_723_161_255_308_000 as EpochUs,
  sequence: 50_093_239_202,
  bid_price: 61837.63,
  bid_quantity: 3.78826,
  ask_price: 61837.64,
  ask_quantity: 1.54698,
  quality: 'OK',
};

const fill: Fill = {
  fill_id: 'BTCUSDT.BINANCE:1:demo',
  order_id: 'o1',
  client_order_id: 'c1',
  account_id: 'demo',
  instrument_id: 'BTCUSDT.BINANCE',
  venue: 'BINANCE',
  venue_trade_id: '1',
  side: 'SELL',
  price: decimal('61837.63'),
  quantity: decimal('0.00000001'),
  fee: decimal('-0.000000000000000001'),
  fee_currency: 'USDT',
  liquidity: 'MAKER',
  event_time: epochUs(1),
  record_time: epochUs(2),
  token: 3,
};

describe('codecs', () => {
  test('a record comes back equal, decimals and microseconds exact', async () => {
    const codecs = await Codecs.open(new ListSource());
    for (const [topic, message] of [
      ['md.quote', quote],
      ['fill', fill],
    ] as const) {
      const decoded = codecs.decode(topic, codecs.encode(topic, message));
      expect(decoded.ok && { ...decoded.value }).toEqual(message);
    }
  });

  test('decimals keep every unit of their range', async () => {
    const codecs = await Codecs.open(new ListSource());
    const limit = 10n ** 38n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), (units) => {
        const decoded = codecs.decode(
          'fill',
          codecs.encode('fill', { ...fill, price: units as Fill['price'] }),
        );
        return decoded.ok && decoded.value.price === units;
      }),
    );
  });

  test('the frame is byte 0 and the schema id, as Confluent defines it', async () => {
    const codecs = await Codecs.open(new ListSource());
    const bytes = codecs.encode('md.quote', quote);
    expect(bytes[0]).toBe(0);
    expect(Codecs.schemaId(bytes)).toBe(bytes.readInt32BE(1));
  });

  test('messages longer than the scratch buffer are encoded whole', async () => {
    const codecs = await Codecs.open(new ListSource());
    const prices = Array.from({ length: 20_000 }, (_, index) => index + 0.5);
    const book = {
      ...{ instrument_id: 'X.V', venue: 'V', event_time: epochUs(1), receive_time: epochUs(1) },
      ...{ kind: 'SNAPSHOT' as const, first_sequence: 1, last_sequence: 1, quality: 'OK' as const },
      ...{ bid_prices: prices, bid_quantities: prices, ask_prices: [], ask_quantities: [] },
    };
    const decoded = codecs.decode('md.book', codecs.encode('md.book', book));
    expect(decoded.ok && decoded.value.bid_prices).toEqual(prices);
  });

  test.each([
    ['empty', Buffer.alloc(0), 'CRB_SCHEMA_FRAME_INVALID'],
    ['JSON text', Buffer.from('{"bid":1}'), 'CRB_SCHEMA_FRAME_INVALID'],
    ['an unknown schema id', Buffer.from([0, 0, 0, 9, 9, 1]), 'CRB_SCHEMA_ID_UNKNOWN'],
    ['a truncated payload', Buffer.from([0, 0, 0, 0, 1, 4]), 'CRB_SCHEMA_PAYLOAD_INVALID'],
  ])('refuses %s', async (_name, bytes, code) => {
    const codecs = await Codecs.open(new ListSource());
    const decoded = codecs.decode('md.quote', bytes);
    expect(decoded).toMatchObject({ ok: false, error: { code } });
  });

  test('a message of an older writer is read once its schema is learnt', async () => {
    const source = new ListSource();
    const older = JSON.parse(SCHEMAS['md/mark']!);
    older.fields = older.fields.filter((field: { name: string }) => field.name !== 'open_interest');
    const id = await source.register('md.mark-value', JSON.stringify(older));
    const codecs = await Codecs.open(source);
    const mark = {
      ...{ instrument_id: 'X.V', venue: 'V', event_time: epochUs(1), receive_time: epochUs(1) },
      ...{ mark_price: 2, index_price: null, funding_rate: null, next_funding_time: null },
    };
    const bytes = codecs.encode('md.mark', { ...mark, open_interest: null }).subarray(0, -1);
    bytes.writeInt32BE(id, 1);
    expect(codecs.decode('md.mark', bytes)).toMatchObject({
      error: { code: 'CRB_SCHEMA_ID_UNKNOWN' },
    });
    expect(await codecs.learn('md.mark', id)).toBe(true);
    expect(codecs.decode('md.mark', bytes)).toMatchObject({ value: { open_interest: null } });
    expect(await codecs.learn('md.mark', 9999)).toBe(false);
  });

  test('keys and partition keys follow the topic table', () => {
    expect(recordKey('md.quote', quote)).toBe('BTCUSDT.BINANCE');
    expect(partitionKey('fill', fill)).toBe('demo');
    expect(TOPICS['order.request'].class).toBe('ledger');
  });
});
