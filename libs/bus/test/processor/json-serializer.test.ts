import { jsonSerializer } from '@cerberus/bus';
import { type Decimal, decimal } from '@cerberus/core';
import { expect, test } from '@jest/globals';

interface Holding {
  readonly quantity: Decimal;
  readonly lots: readonly { readonly price: Decimal; readonly note: string | null }[];
}

const HOLDING: Holding = {
  quantity: decimal('-0.000000000000000001'),
  lots: [{ price: decimal('99999999999999999999.999999999999999999'), note: null }],
};

test('state comes back equal, decimals exact', () => {
  const serializer = jsonSerializer<Holding>('holding', 2);
  const entry = serializer.encode('k', HOLDING);
  expect(entry).toMatchObject({ kind: 'holding', version: 2 });
  expect(serializer.decode('k', entry)).toEqual(HOLDING);
});

test('state of another kind or version is refused', () => {
  const entry = jsonSerializer<Holding>('holding', 2).encode('k', HOLDING);
  for (const other of [
    jsonSerializer<Holding>('holding', 3),
    jsonSerializer<Holding>('order', 2),
  ]) {
    expect(() => other.decode('k', entry)).toThrow(
      expect.objectContaining({ code: 'CRB_BUS_STATE_UNREADABLE' }),
    );
  }
});
