import type { Clock } from '@cerberus/core';
import {
  type BinanceMarket,
  BinanceRestClient,
  binanceEndpoints,
  exchangeInfoRequest,
  FUTURES_LIMITS,
  mapAnswer,
  RequestBudget,
  readExchangeInfo,
  SPOT_LIMITS,
  type VenueAnswer,
  type VenueInstrument,
} from '@cerberus/venues';

export interface ListingQuery {
  readonly market: BinanceMarket;
  readonly symbols: readonly string[];
  /** Base addresses; empty is the venue's own. */
  readonly rest: string;
  readonly ws: string;
  readonly clock: Clock;
}

export type VenueListing =
  | {
      readonly answered: true;
      readonly instruments: readonly VenueInstrument[];
      readonly missing: readonly string[];
    }
  | { readonly answered: false; readonly url: string; readonly reason: string };

/** Asks a market once for the symbols wanted. */
export async function listInstruments(query: ListingQuery): Promise<VenueListing> {
  const { market, symbols, rest, ws, clock } = query;
  const base = rest === '' || ws === '' ? undefined : { rest, ws };
  const url = binanceEndpoints(market, base).rest;
  const limits = market === 'spot' ? SPOT_LIMITS : FUTURES_LIMITS;
  const client = new BinanceRestClient({
    ...{ baseUrl: url, clock, budget: new RequestBudget(clock, limits) },
  });
  const answer = mapAnswer(await client.send(exchangeInfoRequest(market)), (value) =>
    readExchangeInfo(market, value),
  );
  client.close();
  if (answer.outcome !== 'ok') return { answered: false, url, reason: reasonOf(answer) };
  const wanted = new Set(symbols);
  const instruments = answer.value.instruments.filter(({ symbol }) => wanted.has(symbol));
  for (const { symbol } of instruments) wanted.delete(symbol);
  return { answered: true, instruments, missing: [...wanted] };
}

function reasonOf(answer: Exclude<VenueAnswer, { readonly outcome: 'ok' }>): string {
  switch (answer.outcome) {
    case 'rejected':
      return `${answer.code} ${answer.message}`;
    case 'rate-limited':
      return `too many requests, try again in ${Math.ceil(answer.retryAfterMs / 1000)} s`;
    case 'unknown':
      return answer.detail;
  }
}
