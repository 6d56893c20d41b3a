import { absolute, add, decimal, divide, multiply, subtract } from '@cerberus/core';
import type { SimAccount } from '../exchange/account-book.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Position } from '../exchange/futures-wallet.ts';
import { fixed, fixed8 } from './number-text.ts';

export function spotAccount(
  exchange: Exchange,
  account: SimAccount,
  nowMs: number,
): Record<string, unknown> {
  const { maker, taker } = exchange.fees;
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: {
      maker: fixed8(maker),
      taker: fixed8(taker),
      buyer: '0.00000000',
      seller: '0.00000000',
    },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: nowMs,
    accountType: 'SPOT',
    balances: [...account.spot.balances].map(([asset, balance]) => ({
      asset,
      free: fixed8(balance.free),
      locked: fixed8(balance.locked),
    })),
    permissions: ['SPOT'],
    uid: 1,
  };
}

export function spotPosition(account: SimAccount, assets: readonly string[], timeMs: number) {
  return {
    e: 'outboundAccountPosition',
    E: timeMs,
    u: timeMs,
    B: assets.map((asset) => {
      const { free, locked } = account.spot.of(asset);
      return { a: asset, f: fixed8(free), l: fixed8(locked) };
    }),
  };
}

export function futuresAsset(
  exchange: Exchange,
  account: SimAccount,
  nowMs: number,
): Record<string, unknown> {
  const wallet = account.futures.walletBalance;
  const profit = exchange.funding.unrealized(account);
  const used = exchange.funding.marginUsed(account);
  const margin = add(wallet, profit);
  const available = subtract(margin, used);
  return {
    asset: 'USDT',
    walletBalance: fixed8(wallet),
    unrealizedProfit: fixed8(profit),
    marginBalance: fixed8(margin),
    maintMargin: '0.00000000',
    initialMargin: fixed8(used),
    positionInitialMargin: fixed8(used),
    openOrderInitialMargin: '0.00000000',
    crossWalletBalance: fixed8(wallet),
    crossUnPnl: fixed8(profit),
    availableBalance: fixed8(available),
    maxWithdrawAmount: fixed8(available),
    marginAvailable: true,
    updateTime: nowMs,
  };
}

export function futuresAccount(
  exchange: Exchange,
  account: SimAccount,
  nowMs: number,
): Record<string, unknown> {
  const asset = futuresAsset(exchange, account, nowMs);
  return {
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
    totalInitialMargin: asset['initialMargin'],
    totalMaintMargin: asset['maintMargin'],
    totalWalletBalance: asset['walletBalance'],
    totalUnrealizedProfit: asset['unrealizedProfit'],
    totalMarginBalance: asset['marginBalance'],
    totalPositionInitialMargin: asset['positionInitialMargin'],
    totalOpenOrderInitialMargin: '0.00000000',
    totalCrossWalletBalance: asset['crossWalletBalance'],
    totalCrossUnPnl: asset['crossUnPnl'],
    availableBalance: asset['availableBalance'],
    maxWithdrawAmount: asset['maxWithdrawAmount'],
    assets: [asset],
    positions: [...exchange.specs.keys()].map((symbol) =>
      positionJson(exchange, account, { symbol, nowMs }),
    ),
  };
}

/** A position in the words of the account and the position-risk answers together. */
export function positionJson(
  exchange: Exchange,
  account: SimAccount,
  of: { readonly symbol: string; readonly nowMs: number },
): Record<string, unknown> {
  const position: Position = account.futures.of(of.symbol);
  const mark = exchange.midPrice(of.symbol);
  const notional = multiply(position.quantity, mark);
  const profit = fixed8(account.futures.unrealized(of.symbol, mark));
  const margin = fixed8(divide(absolute(notional), decimal(exchange.leverage), 'up'));
  return {
    symbol: of.symbol,
    positionSide: 'BOTH',
    positionAmt: fixed(position.quantity, 3),
    entryPrice: fixed8(position.entryPrice),
    breakEvenPrice: fixed8(position.entryPrice),
    markPrice: fixed8(mark),
    unRealizedProfit: profit,
    unrealizedProfit: profit,
    liquidationPrice: '0',
    leverage: String(exchange.leverage),
    maxNotional: '100000000',
    maxNotionalValue: '100000000',
    marginType: 'cross',
    isolated: false,
    isolatedMargin: '0.00000000',
    isolatedWallet: '0',
    isAutoAddMargin: 'false',
    notional: fixed8(notional),
    marginAsset: 'USDT',
    initialMargin: margin,
    positionInitialMargin: margin,
    openOrderInitialMargin: '0',
    maintMargin: '0',
    bidNotional: '0',
    askNotional: '0',
    adl: 0,
    updateTime: of.nowMs,
  };
}

export function futuresAccountUpdate(account: SimAccount, symbol: string, timeMs: number) {
  const position = account.futures.of(symbol);
  return {
    e: 'ACCOUNT_UPDATE',
    E: timeMs,
    T: timeMs,
    a: {
      m: 'ORDER',
      B: [
        {
          a: 'USDT',
          wb: fixed8(account.futures.walletBalance),
          cw: fixed8(account.futures.walletBalance),
          bc: '0',
        },
      ],
      P: [
        {
          s: symbol,
          pa: fixed(position.quantity, 3),
          ep: fixed8(position.entryPrice),
          bep: fixed8(position.entryPrice),
          cr: '0',
          up: '0',
          mt: 'cross',
          iw: '0',
          ps: 'BOTH',
        },
      ],
    },
  };
}
