import type { TableView } from '@cerberus/bus';
import type { Instrument } from '@cerberus/schema';
import type { Volatility } from './option-pricer.ts';
import type { SpotPrices } from './spot-prices.ts';

/** The option's own volatility, else the underlying's recent one, which prices no smile. */
export function volatilityFrom(
  prices: SpotPrices,
  features: TableView<'feature.value'>,
): (option: Instrument) => Volatility | undefined {
  return (option) => {
    if (option.volatility !== null) {
      return { value: option.volatility, source: 'of the option', degraded: false };
    }
    const reference = prices.referenceOf(option.underlying);
    const values = reference === undefined ? undefined : features.get(reference)?.values;
    for (const name of ['ewma_volatility', 'realised_volatility']) {
      const value = values?.[name];
      if (value !== undefined) return { value, source: `${name} of ${reference}`, degraded: true };
    }
    return undefined;
  };
}
