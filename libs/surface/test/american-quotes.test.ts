import { americanPrice, europeanPrice } from '@cerberus/pricing';
import { describe, expect, test } from '@jest/globals';
import { europeanised } from '../src/american-quotes.ts';

describe('early exercise taken out', () => {
  test('the European price has the volatility of the American one', () => {
    const market = { spot: 100, rate: 0.05, dividendYield: 0.01, timeYears: 0.7 };
    for (const strike of [80, 95, 100, 105]) {
      for (const kind of ['put', 'call'] as const) {
        const option = { ...market, kind, strike, volatility: 0.25 };
        const [american, european] = [americanPrice(option), europeanPrice(option)];
        if (!american.ok || !european.ok) throw new Error('reference price');
        const found = europeanised(market, { kind, strike }, american.value);
        expect(found).toBeCloseTo(european.value, 4);
      }
    }
  });

  test('a price at exercise value has no volatility', () => {
    const market = { spot: 80, rate: 0.05, dividendYield: 0, timeYears: 0.5 };
    expect(europeanised(market, { kind: 'put', strike: 100 }, 20)).toBeUndefined();
    expect(europeanised(market, { kind: 'put', strike: 100 }, 19)).toBeUndefined();
  });
});
