import { formatDecimal } from '@cerberus/core';
import type { SymbolSpec } from '../market/symbol-spec.ts';

const FAR_FUTURE_MS = 4_133_404_800_000;
const ONBOARD_MS = 1_569_398_400_000;

export function spotExchangeInfo(specs: readonly SymbolSpec[], nowMs: number, weightLimit: number) {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightLimit },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
    ],
    exchangeFilters: [],
    symbols: specs.map((spec) => ({
      symbol: spec.symbol,
      status: 'TRADING',
      baseAsset: spec.base,
      baseAssetPrecision: 8,
      quoteAsset: spec.quote,
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      baseCommissionPrecision: 8,
      quoteCommissionPrecision: 8,
      orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
      icebergAllowed: false,
      ocoAllowed: false,
      otoAllowed: false,
      quoteOrderQtyMarketAllowed: true,
      allowTrailingStop: false,
      cancelReplaceAllowed: false,
      amendAllowed: false,
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: [
        {
          filterType: 'PRICE_FILTER',
          minPrice: formatDecimal(spec.tick),
          maxPrice: '1000000.00000000',
          tickSize: formatDecimal(spec.tick),
        },
        {
          filterType: 'LOT_SIZE',
          minQty: formatDecimal(spec.lot),
          maxQty: '9000000.00000000',
          stepSize: formatDecimal(spec.lot),
        },
        {
          filterType: 'NOTIONAL',
          minNotional: formatDecimal(spec.minNotional),
          applyMinToMarket: true,
          maxNotional: '9000000.00000000',
          applyMaxToMarket: false,
          avgPriceMins: 5,
        },
      ],
      permissions: [],
      permissionSets: [['SPOT']],
      defaultSelfTradePreventionMode: 'NONE',
      allowedSelfTradePreventionModes: ['NONE'],
    })),
  };
}

export function futuresExchangeInfo(
  specs: readonly SymbolSpec[],
  nowMs: number,
  weightLimit: number,
) {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightLimit },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: specs.map(futuresSymbol),
  };
}

function futuresSymbol(spec: SymbolSpec): Record<string, unknown> {
  return {
    symbol: spec.symbol,
    pair: spec.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: FAR_FUTURE_MS,
    onboardDate: ONBOARD_MS,
    status: 'TRADING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: spec.base,
    quoteAsset: spec.quote,
    marginAsset: spec.quote,
    pricePrecision: 2,
    quantityPrecision: 3,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: formatDecimal(spec.tick),
        maxPrice: '4529764',
        tickSize: formatDecimal(spec.tick),
      },
      {
        filterType: 'LOT_SIZE',
        minQty: formatDecimal(spec.lot),
        maxQty: '9000000',
        stepSize: formatDecimal(spec.lot),
      },
      {
        filterType: 'MARKET_LOT_SIZE',
        minQty: formatDecimal(spec.lot),
        maxQty: '9000000',
        stepSize: formatDecimal(spec.lot),
      },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MIN_NOTIONAL', notional: formatDecimal(spec.minNotional) },
    ],
    orderTypes: ['LIMIT', 'MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}
