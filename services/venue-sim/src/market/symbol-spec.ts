import { type Decimal, decimal } from '@cerberus/core';
import { type InstrumentGrid, instrumentGrid } from '@cerberus/venues';

export type SimMarket = 'spot' | 'usdm';

/** One instrument of the simulated venue. */
export interface SymbolSpec {
  readonly market: SimMarket;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minNotional: Decimal;
  readonly grid: InstrumentGrid;
  readonly generator: GeneratorSpec;
}

export interface GeneratorSpec {
  /** Price on 2026-01-01; the path wanders from there. */
  readonly startPrice: number;
  readonly annualVolatility: number;
  /** Half of the usual spread and distance between levels, as a fraction of the price. */
  readonly halfSpread: number;
  readonly levelSpacing: number;
  /** Typical size of a level and trades per second. */
  readonly levelQuantity: number;
  readonly tradesPerSecond: number;
  /** Perpetuals: name of the spot symbol they follow. */
  readonly follows?: string;
}

interface SpecText {
  readonly symbol: string;
  readonly base: string;
  readonly tick: string;
  readonly lot: string;
  readonly minNotional: string;
  readonly generator: GeneratorSpec;
}

function spec(market: SimMarket, text: SpecText): SymbolSpec {
  const tick = decimal(text.tick);
  const lot = decimal(text.lot);
  return {
    market,
    symbol: text.symbol,
    base: text.base,
    quote: 'USDT',
    tick,
    lot,
    minNotional: decimal(text.minNotional),
    grid: instrumentGrid({ symbol: text.symbol, tick, lot }),
    generator: text.generator,
  };
}

/** An instrument as a venue lists it: its market comes from elsewhere, so nothing is generated. */
export function listedSymbol(listed: {
  readonly market: SimMarket;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minNotional: Decimal;
  readonly grid: InstrumentGrid;
  /** For statistics that the mirrored or recorded market does not carry, such as old bars. */
  readonly price: number;
}): SymbolSpec {
  const { price, ...spec } = listed;
  return { ...spec, generator: { ...BITCOIN, startPrice: price } };
}

const BITCOIN: GeneratorSpec = {
  startPrice: 87_600,
  annualVolatility: 0.5,
  halfSpread: 1e-7,
  levelSpacing: 1.2e-5,
  levelQuantity: 0.35,
  tradesPerSecond: 6,
};
const ETHER: GeneratorSpec = {
  startPrice: 2970,
  annualVolatility: 0.65,
  halfSpread: 2e-6,
  levelSpacing: 2e-5,
  levelQuantity: 7,
  tradesPerSecond: 5,
};
const SOLANA: GeneratorSpec = {
  startPrice: 124.5,
  annualVolatility: 0.8,
  halfSpread: 5e-5,
  levelSpacing: 8e-5,
  levelQuantity: 160,
  tradesPerSecond: 3,
};

/** Grids as the venue has had them since 2024. */
export const DEFAULT_SYMBOLS: readonly SymbolSpec[] = [
  spec('spot', {
    symbol: 'BTCUSDT',
    base: 'BTC',
    tick: '0.01',
    lot: '0.00001',
    minNotional: '5',
    generator: BITCOIN,
  }),
  spec('spot', {
    symbol: 'ETHUSDT',
    base: 'ETH',
    tick: '0.01',
    lot: '0.0001',
    minNotional: '5',
    generator: ETHER,
  }),
  spec('spot', {
    symbol: 'SOLUSDT',
    base: 'SOL',
    tick: '0.01',
    lot: '0.001',
    minNotional: '5',
    generator: SOLANA,
  }),
  spec('usdm', {
    symbol: 'BTCUSDT',
    base: 'BTC',
    tick: '0.1',
    lot: '0.001',
    minNotional: '50',
    generator: { ...BITCOIN, halfSpread: 6e-7, levelQuantity: 1.1, follows: 'BTCUSDT' },
  }),
  spec('usdm', {
    symbol: 'ETHUSDT',
    base: 'ETH',
    tick: '0.01',
    lot: '0.001',
    minNotional: '20',
    generator: { ...ETHER, levelQuantity: 20, follows: 'ETHUSDT' },
  }),
  spec('usdm', {
    symbol: 'SOLUSDT',
    base: 'SOL',
    tick: '0.01',
    lot: '0.01',
    minNotional: '5',
    generator: { ...SOLANA, levelQuantity: 400, follows: 'SOLUSDT' },
  }),
];
