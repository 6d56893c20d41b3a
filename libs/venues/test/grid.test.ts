import { decimal, formatDecimal, unwrap } from '@cerberus/core';
import { parseInstrumentGrid, StepCodec } from '@cerberus/venues';
import { describe, expect, test } from '@jest/globals';

describe('StepCodec', () => {
  test.each([
    ['0.01', '61837.63000000', 6183763, '61837.63'],
    ['0.1', '61800.20', 618002, '61800.2'],
    ['1', '1001', 1001, '1001'],
    ['0.05', '10.15', 203, '10.15'],
    ['10', '61830', 6183, '61830'],
    ['0.00000001', '0.00000001', 1, '0.00000001'],
    ['0.01', '0', 0, '0'],
    ['0.01', '0.00', 0, '0'],
    ['0.01', '007.10', 710, '7.1'],
  ])('step %s reads %s as %i', (step, text, count, shortest) => {
    const codec = new StepCodec(decimal(step));
    expect(codec.parse(text)).toBe(count);
    expect(codec.text(count)).toBe(shortest);
    expect(formatDecimal(codec.decimal(count))).toBe(shortest);
  });

  test.each(['', '.', '.5', '5.', '-1', '+1', '1e3', '1.2.3', ' 1', 'NaN', '0x10'])(
    'refuses %p as a number',
    (text) => {
      expect(new StepCodec(decimal('0.01')).parse(text)).toBe(-1);
    },
  );

  test('tells an off-step value from one out of range', () => {
    expect(new StepCodec(decimal('0.01')).parse('1.001')).toBe(-2);
    expect(new StepCodec(decimal('0.05')).parse('10.11')).toBe(-2);
    expect(new StepCodec(decimal('0.01')).parse('90071992547409.92')).toBe(-3);
    expect(new StepCodec(decimal('0.01')).parse('90071992547409.91')).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('prints every decimal of the step where a venue does', () => {
    const codec = new StepCodec(decimal('0.001'));
    expect([0, 5, 1500, 1000].map((count) => codec.fixedText(count))).toEqual([
      '0.000',
      '0.005',
      '1.500',
      '1.000',
    ]);
  });
});

describe('parseInstrumentGrid', () => {
  test.each([
    ['0.00001', '0.00000001'],
    ['0.001', '0.000001'],
    ['1', '0.001'],
    ['0.00000001', '0.00000001'],
  ])('lot %s is counted in units of %s', (lot, unit) => {
    const grid = unwrap(parseInstrumentGrid({ symbol: 'X', tick: '0.01', lot }));
    expect(formatDecimal(grid.quantity.step)).toBe(unit);
  });

  test('refuses what is no grid', () => {
    for (const steps of [
      { symbol: 'X', tick: '0', lot: '1' },
      { symbol: 'X', tick: '0.01', lot: '-1' },
      { symbol: 'X', tick: 'abc', lot: '1' },
    ]) {
      expect(parseInstrumentGrid(steps).ok).toBe(false);
    }
  });
});
