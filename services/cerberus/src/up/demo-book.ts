import { existsSync, writeFileSync } from 'node:fs';
import { decimal, type EpochUs, epochUsFromMs } from '@cerberus/core';
import { optionSymbol } from '@cerberus/model';
import { type EuropeanOption, europeanGreeks } from '@cerberus/pricing';

const HEADER = 'account_id,kind,symbol,quantity,price,currency,venue,volatility,multiplier';
const MS_PER_DAY = 86_400_000;
const DAYS_PER_YEAR = 365;
const EXPIRY_HOUR_MS = 8 * 3_600_000;

interface OptionTemplate {
  readonly kind: EuropeanOption['kind'];
  /** Strike as a multiple of the spot price, then rounded. */
  readonly moneyness: number;
  readonly days: number;
  readonly quantity: number;
  readonly volatility: number;
}

interface DeskTemplate {
  readonly spot: number;
  readonly perpetual: number;
  readonly options: readonly OptionTemplate[];
}

const BITCOIN_DESK: DeskTemplate = {
  spot: 8,
  perpetual: -3,
  options: [
    { kind: 'call', moneyness: 1.04, days: 30, quantity: -4, volatility: 0.52 },
    { kind: 'put', moneyness: 0.92, days: 30, quantity: 5, volatility: 0.58 },
    { kind: 'call', moneyness: 1.15, days: 90, quantity: 6, volatility: 0.54 },
    { kind: 'put', moneyness: 0.8, days: 180, quantity: 8, volatility: 0.6 },
  ],
};
const DESKS: Readonly<Record<string, DeskTemplate>> = {
  BTC: BITCOIN_DESK,
  ETH: {
    spot: 120,
    perpetual: 0,
    options: [
      { kind: 'call', moneyness: 1.08, days: 30, quantity: -60, volatility: 0.66 },
      { kind: 'put', moneyness: 0.88, days: 90, quantity: 80, volatility: 0.7 },
    ],
  },
};
/** Quantities of other underlyings are those of Bitcoin for about the same money. */
const BITCOIN_PRICE = 80_000;

export interface DemoMarket {
  /** Spot price now of every underlying that the book is to hold, in dollars. */
  readonly spots: ReadonlyMap<string, number>;
  /** Symbols that can be valued; without them all that the book names can be. */
  readonly symbols?: ReadonlySet<string>;
}

/**
 * A small desk: spot, perpetuals, options around the prices of the moment, and cash. Options were
 * bought at their Black-Scholes price, so that profit and loss starts near zero.
 */
export function demoBook(now: EpochUs, { spots, symbols }: DemoMarket): string {
  const traded = (symbol: string) => symbols === undefined || symbols.has(symbol);
  const lines: string[] = ['demo,cash,,1500000,,USDT,,,'];
  for (const [underlying, spot] of spots) {
    const desk = DESKS[underlying] ?? scaled(BITCOIN_DESK, BITCOIN_PRICE / spot);
    const pair = `${underlying}USDT`;
    if (traded(pair)) {
      lines.push(`demo,spot,${pair},${desk.spot},${rounded(spot * 0.97)},USDT,BINANCE,,`);
    }
    if (desk.perpetual !== 0 && traded(`${pair}-PERP`)) {
      const cost = rounded(spot * 1.007);
      lines.push(`demo,perpetual,${pair}-PERP,${desk.perpetual},${cost},USDT,BINANCE,,`);
    }
    lines.push(...desk.options.map((option) => optionLine(now, underlying, { spot, option })));
  }
  lines.push('hedge,cash,,500000,,USDT,,,');
  const ether = spots.get('ETH');
  if (ether !== undefined && traded('ETHUSDT-PERP')) {
    lines.push(`hedge,perpetual,ETHUSDT-PERP,-45,${rounded(ether * 1.013)},USDT,BINANCE,,`);
  }
  return [HEADER, ...lines, ''].join('\n');
}

function optionLine(
  now: EpochUs,
  underlying: string,
  { spot, option }: { readonly spot: number; readonly option: OptionTemplate },
): string {
  const { kind, quantity, volatility } = option;
  const expiryMs =
    (Math.floor(now / 1000 / MS_PER_DAY) + option.days) * MS_PER_DAY + EXPIRY_HOUR_MS;
  const strike = roundStrike(spot * option.moneyness);
  const valued = europeanGreeks({
    ...{ kind, spot, strike, volatility, rate: 0, dividendYield: 0 },
    timeYears: (expiryMs - now / 1000) / MS_PER_DAY / DAYS_PER_YEAR,
  });
  const price = valued.ok ? rounded(valued.value.price) : '';
  const symbol = optionSymbol({
    ...{ underlying, strike: decimal(strike) },
    optionType: kind === 'call' ? 'CALL' : 'PUT',
    expiration: epochUsFromMs(expiryMs),
  });
  return `demo,option,${symbol},${quantity},${price},USDT,OTC,${volatility},1`;
}

/** To two significant digits below 20, 200, 2000 …, to steps of five in the second above: as listed. */
function roundStrike(strike: number): number {
  const step = 10 ** (Math.floor(Math.log10(strike)) - 1);
  const wide = strike / step >= 20 ? step : step / 2;
  return Number((Math.round(strike / wide) * wide).toPrecision(10));
}

function scaled(desk: DeskTemplate, factor: number): DeskTemplate {
  const scale = (quantity: number) => Number((quantity * factor).toPrecision(2));
  return {
    spot: scale(desk.spot),
    perpetual: scale(desk.perpetual),
    options: desk.options.map((option) => ({ ...option, quantity: scale(option.quantity) })),
  };
}

/** Five significant digits are plenty for what a desk once paid. */
function rounded(price: number): string {
  return decimalText(Number(price.toPrecision(5)));
}

/** Never in exponent form. */
function decimalText(value: number): string {
  return value >= 1e-6 ? String(value) : value.toFixed(12);
}

/** Written once: expiries and strikes are those of the first start, and later starts keep the book. */
export async function ensureDemoBook(
  path: string,
  now: EpochUs,
  market: () => Promise<DemoMarket>,
): Promise<void> {
  if (!existsSync(path)) writeFileSync(path, demoBook(now, await market()), { mode: 0o600 });
}
