import { fail, type Result } from '@cerberus/core';
import { check } from './errors.ts';

/** A company that holds a coin; money in the currency of the prices. */
export interface Treasury {
  /** Coins held. */
  readonly holdings: number;
  readonly coinPrice: number;
  readonly sharePrice: number;
  /** Shares outstanding, diluted or basic as the premium is wanted. */
  readonly shares: number;
  readonly debt: number;
  readonly preferred: number;
  readonly cash: number;
}

export interface NetAssetValue {
  /** Holdings × price. */
  readonly coinValue: number;
  readonly marketCap: number;
  /** Market capitalisation + debt + preferred − cash. */
  readonly enterpriseValue: number;
  /** Coins per share. */
  readonly coinPerShare: number;
  /** Coin value per share. */
  readonly coinValuePerShare: number;
  /** Coin value + cash − debt − preferred: what is left for the shares. */
  readonly netAssetValue: number;
  readonly netAssetValuePerShare: number;
  /** Enterprise value over coin value: "mNAV". */
  readonly multiple: number;
  /** Share price over coin value per share, less one. */
  readonly premium: number;
  /** Share price over net asset value per share, less one; absent where that value is not above 0. */
  readonly premiumToNet?: number;
  /** Debt and preferred over coin value. */
  readonly debtShare: number;
  /** Coin value over net asset value: the return of the latter per return of the coin; absent likewise. */
  readonly assetLeverage?: number;
}

/**
 * Premium of a coin treasury company to what it holds. The multiple is enterprise value over the value of
 * the coins, as Strategy Inc. defines "mNAV" on its investor pages; the premium is price over value less
 * one, as of closed-end funds (Lee, Shleifer and Thaler, J. Finance 46 (1991) 75–109). Fixed claims lever the
 * shares: a coin return r moves the net asset value by r · coin value / net asset value.
 */
export function netAssetValue(treasury: Treasury): Result<NetAssetValue> {
  const { holdings, coinPrice, sharePrice, shares, debt, preferred, cash } = treasury;
  const fault =
    check.number(holdings, 'holdings', { above: 0 }) ??
    check.number(coinPrice, 'coinPrice', { above: 0 }) ??
    check.number(sharePrice, 'sharePrice', { above: 0 }) ??
    check.number(shares, 'shares', { above: 0 }) ??
    check.number(debt, 'debt', { atLeast: 0 }) ??
    check.number(preferred, 'preferred', { atLeast: 0 }) ??
    check.number(cash, 'cash', { atLeast: 0 });
  if (fault !== undefined) return fail(fault);
  const coinValue = holdings * coinPrice;
  const marketCap = shares * sharePrice;
  const enterpriseValue = marketCap + debt + preferred - cash;
  const net = coinValue + cash - debt - preferred;
  return check.result({
    ...{ coinValue, marketCap, enterpriseValue },
    coinPerShare: holdings / shares,
    coinValuePerShare: coinValue / shares,
    netAssetValue: net,
    netAssetValuePerShare: net / shares,
    multiple: enterpriseValue / coinValue,
    premium: marketCap / coinValue - 1,
    debtShare: (debt + preferred) / coinValue,
    ...(net > 0 ? { premiumToNet: marketCap / net - 1, assetLeverage: coinValue / net } : {}),
  });
}
