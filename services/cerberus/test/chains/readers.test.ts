import { describe, expect, test } from '@jest/globals';
import { readChain } from '../../src/chains/chain-file.ts';
import { lastTradingMoment, newYorkMs } from '../../src/chains/new-york-time.ts';

const CBOE = `
Standard & Poors 500 Index,Last: 3900.8601,Change:  -116.9599
"Date: June 11, 2022, 8:47 PM EDT",Bid: 3878.48,Ask: 3927.9299,Size: 1*1,Volume: 0
Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest
Fri Jun 17 2022,SPX220617C03900000,0,0,60.1,61.2,0,0.28,0.5,0,0,3900.00,SPX220617P03900000,0,0,51.3,52.4,0,0.28,-0.5,0,0
Fri Jun 17 2022,SPXW220617C03900000,0,0,62.1,63.2,0,0.28,0.5,0,0,3900.00,SPXW220617P03900000,0,0,53.3,54.4,0,0.28,-0.5,0,0
`;
const YAHOO = `contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,change,percentChange,volume,openInterest,impliedVolatility,inTheMoney,contractSize,currency,option_type,expiration
SPXW260202C02800000,2026-01-30 16:45:44+00:00,2800.0,4139.54,4122.2,4148.5,-57.06,-1.36,6.0,3.0,4.6,True,REGULAR,USD,call,2026-02-02
SPX260220P06000000,2026-01-30 21:15:44+00:00,6000.0,12.1,12.0,,0,0,6.0,3.0,0.2,False,REGULAR,USD,put,2026-02-20
`;
const DERIBIT = `instrument_name,type,expiry_date,strike,T_years,S0,market_price_btc,market_price_usd,mark_iv,bid_btc,ask_btc,open_interest
BTC-26DEC25-160000-C,call,26DEC25,160000.0,0.05831,92726.47,0.00013588,12.6,78.03,,0.0003,5563.8
BTC-26DEC25-80000-P,put,26DEC25,80000.0,0.05831,92726.41,0.01,927.0,50.0,0.0098,0.0102,753.3
`;
const GENERIC = `expiry,strike,right,bid,ask,bid_size
2015-12-31,775.0,call,0.2000,0.3500,14
2015-12-31,775.0,put,,26.0000,0
`;

describe('chain files', () => {
  test('a Cboe table is read at the close before it was written, settlements apart', () => {
    const chain = readChain(CBOE);
    if (!chain.ok) throw new Error(chain.error.message);
    const { asOfMs, spot, expiries } = chain.value;
    expect(new Date(asOfMs).toISOString()).toBe('2022-06-10T20:00:00.000Z');
    expect(spot).toBe(3900.8601);
    expect(expiries.map(({ id }) => id)).toEqual(['2022-06-17 SPX', '2022-06-17 SPXW']);
    // 16:00 Friday to 09:30 and 16:00 the next Friday.
    expect(expiries[0]!.timeYears).toBeCloseTo((7 - 6.5 / 24) / 365, 12);
    expect(expiries[1]!.timeYears).toBeCloseTo(7 / 365, 12);
    expect(expiries[0]!.quotes).toEqual([
      { kind: 'call', strike: 3900, bid: 60.1, ask: 61.2 },
      { kind: 'put', strike: 3900, bid: 51.3, ask: 52.4 },
    ]);
  });

  test('a Yahoo chain is read at the close before its newest trade', () => {
    const chain = readChain(YAHOO);
    if (!chain.ok) throw new Error(chain.error.message);
    expect(new Date(chain.value.asOfMs).toISOString()).toBe('2026-01-30T21:00:00.000Z');
    expect(chain.value.expiries.map(({ id }) => id)).toEqual(['2026-02-02 SPXW', '2026-02-20 SPX']);
    expect(chain.value.expiries[1]!.quotes[0]).toMatchObject({ kind: 'put', bid: 12, ask: 0 });
  });

  test('Deribit premiums become dollars on the future of their expiry', () => {
    const chain = readChain(DERIBIT);
    if (!chain.ok) throw new Error(chain.error.message);
    const { expiries, asOfMs } = chain.value;
    expect(new Date(asOfMs).toISOString().slice(0, 13)).toBe('2025-12-05T01');
    expect(expiries[0]!.forward).toBeCloseTo(92726.47, 6);
    expect(expiries[0]!.quotes[1]!.bid).toBeCloseTo(0.0098 * 92726.41, 8);
  });

  test('a plain table needs the moment of its quotes', () => {
    expect(readChain(GENERIC)).toMatchObject({ error: { path: 'asOf' } });
    const chain = readChain(GENERIC, { asOfMs: Date.UTC(2015, 11, 24, 17) });
    expect(chain.ok && chain.value.expiries[0]!.quotes).toEqual([
      { kind: 'call', strike: 775, bid: 0.2, ask: 0.35 },
      { kind: 'put', strike: 775, bid: 0, ask: 26 },
    ]);
    expect(readChain('expiry,strike\nx,1\n', { asOfMs: 0 })).toMatchObject({
      error: { code: 'CRB_SURFACE_OUT_OF_RANGE', path: 'row 0' },
    });
    expect(readChain('', { asOfMs: 0 })).toMatchObject({
      error: { code: 'CRB_SURFACE_TOO_FEW_QUOTES' },
    });
  });

  test('New York time follows daylight saving, and the close the weekend', () => {
    const date = (month: number, day: number) => ({ year: 2026, month, day });
    expect(newYorkMs(date(3, 6), 16)).toBe(Date.UTC(2026, 2, 6, 21));
    expect(newYorkMs(date(3, 9), 16)).toBe(Date.UTC(2026, 2, 9, 20));
    expect(newYorkMs(date(11, 2), 16)).toBe(Date.UTC(2026, 10, 2, 21));
    const friday = Date.UTC(2026, 2, 6, 21);
    expect(lastTradingMoment(Date.UTC(2026, 2, 8, 12))).toBe(friday);
    expect(lastTradingMoment(Date.UTC(2026, 2, 6, 16))).toBe(Date.UTC(2026, 2, 6, 16));
  });
});
