import { CerberusError, faultOf } from '@cerberus/core';
import { CLI_ERRORS } from '../commands/errors.ts';

const DOLLARS = 'USDT';

/** Best bids now of the dollar pairs among these symbols, by underlying, asked from a spot market. */
export async function spotPrices(
  restUrl: string,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const pairs = symbols.filter((symbol) => symbol.endsWith(DOLLARS));
  const found = await Promise.all(
    pairs.map(async (pair) => {
      const answer = await fetch(`${restUrl}/api/v3/ticker/bookTicker?symbol=${pair}`);
      const body = (await answer.json()) as { readonly bidPrice?: string };
      const price = Number(body.bidPrice);
      if (!(price > 0)) {
        throw new CerberusError(
          faultOf(CLI_ERRORS.INPUT_MISSING, { path: pair, message: `has no price at ${restUrl}` }),
        );
      }
      return [pair.slice(0, -DOLLARS.length), price] as const;
    }),
  );
  return new Map(found);
}
