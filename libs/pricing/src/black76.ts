import { ok, type Result } from '@cerberus/core';
import { type EuropeanOption, europeanGreeks, europeanPrice } from './european.ts';
import type { Greeks, OptionKind } from './greeks.ts';

/** A European option on a forward or future that settles at the expiry of the option. */
export interface ForwardOption {
  readonly kind: OptionKind;
  /** Forward or futures price, ≥ 0. */
  readonly forward: number;
  readonly strike: number;
  readonly timeYears: number;
  /** Discount rate, continuously compounded, per year. */
  readonly rate: number;
  readonly volatility: number;
}

function onSpot(option: ForwardOption): EuropeanOption {
  const { kind, forward, strike, timeYears, rate, volatility } = option;
  return { kind, spot: forward, strike, timeYears, rate, dividendYield: rate, volatility };
}

/** Black (1976) price V = e^{−rT}·s·(F Φ(s d₁) − K Φ(s d₂)); limits and faults as in `europeanPrice`. */
export function black76Price(option: ForwardOption): Result<number> {
  return europeanPrice(onSpot(option));
}

/**
 * Black (1976) price and Greeks: derivatives in S are derivatives in the forward F, and rates and time
 * move with F held fixed, so that rho = −T·V and there is no dividend rho (given as 0). Delta is the
 * discounted one, e^{−rT} Φ(d₁) for a call. Units as in `Greeks`.
 */
export function black76Greeks(option: ForwardOption): Result<Greeks> {
  const result = europeanGreeks(onSpot(option));
  if (!result.ok) return result;
  const greeks = result.value;
  return ok({ ...greeks, rho: greeks.rho + greeks.dividendRho, dividendRho: 0 });
}
