import { existsSync, writeFileSync } from 'node:fs';
import type { EpochUs } from '@cerberus/core';
import { decimal, epochUsFromMs } from '@cerberus/core';
import { type OptionTerms, optionSymbol } from '@cerberus/model';

const HEADER = 'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier';
const MS_PER_DAY = 86_400_000;
const EXPIRY_HOUR_MS = 8 * 3_600_000;

/** Strikes as multiples of the spot price the simulated market starts near. */
const OPTION_LINES: readonly {
  readonly underlying: string;
  readonly strike: number;
  readonly days: number;
  readonly type: OptionTerms['optionType'];
  readonly quantity: string;
  readonly price: string;
  readonly volatility: string;
}[] = [
  {
    underlying: 'BTC',
    strike: 90_000,
    days: 30,
    type: 'CALL',
    quantity: '-4',
    price: '4800',
    volatility: '0.52',
  },
  {
    underlying: 'BTC',
    strike: 80_000,
    days: 30,
    type: 'PUT',
    quantity: '5',
    price: '2900',
    volatility: '0.58',
  },
  {
    underlying: 'BTC',
    strike: 100_000,
    days: 90,
    type: 'CALL',
    quantity: '6',
    price: '6100',
    volatility: '0.54',
  },
  {
    underlying: 'BTC',
    strike: 70_000,
    days: 180,
    type: 'PUT',
    quantity: '8',
    price: '5200',
    volatility: '0.6',
  },
  {
    underlying: 'ETH',
    strike: 3200,
    days: 30,
    type: 'CALL',
    quantity: '-60',
    price: '150',
    volatility: '0.66',
  },
  {
    underlying: 'ETH',
    strike: 2600,
    days: 90,
    type: 'PUT',
    quantity: '80',
    price: '190',
    volatility: '0.7',
  },
];

/** A small desk: spot, perpetuals and options on two underlyings, and cash. */
export function demoBook(now: EpochUs): string {
  const options = OPTION_LINES.map(
    ({ underlying, strike, days, type, quantity, price, volatility }) => {
      const day = Math.floor(now / 1000 / MS_PER_DAY) + days;
      const symbol = optionSymbol({
        ...{ underlying, strike: decimal(strike), optionType: type },
        expiration: epochUsFromMs(day * MS_PER_DAY + EXPIRY_HOUR_MS),
      });
      return `demo,option,${symbol},${quantity},${price},USDT,OTC,${volatility},1`;
    },
  );
  return [
    HEADER,
    'demo,cash,,1500000,,USDT,,,',
    'demo,spot,BTCUSDT,8,84500,USDT,BINANCE,,',
    'demo,perpetual,BTCUSDT-PERP,-3,88200,USDT,BINANCE,,',
    'demo,spot,ETHUSDT,120,2890,USDT,BINANCE,,',
    ...options,
    'hedge,cash,,500000,,USDT,,,',
    'hedge,perpetual,ETHUSDT-PERP,-45,3010,USDT,BINANCE,,',
    '',
  ].join('\n');
}

/** Written once: expiries are counted from the first start, and later starts keep the same book. */
export function ensureDemoBook(path: string, now: EpochUs): void {
  if (!existsSync(path)) writeFileSync(path, demoBook(now), { mode: 0o600 });
}
