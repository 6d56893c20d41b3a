import { toNumber } from '@cerberus/core';
import type { Instrument, Quality } from '@cerberus/schema';
import type { Price } from './spot-prices.ts';

/** Value and sensitivities of one unit (one contract, one coin) held long; account currency. */
export interface UnitRisk {
  /** Price as quoted: per contract for options, per coin otherwise. */
  readonly mark: number;
  readonly value: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly rho: number;
  readonly vanna: number;
  readonly volga: number;
  readonly charm: number;
  readonly speed: number;
  readonly zomma: number;
  readonly color: number;
  readonly impliedVolatility: number | null;
  readonly quality: Quality;
  readonly note: string | null;
}

export type UnitOutcome =
  | { readonly ok: true; readonly risk: UnitRisk }
  | { readonly ok: false; readonly reason: string };

const LINEAR = {
  gamma: 0,
  vega: 0,
  theta: 0,
  rho: 0,
  vanna: 0,
  volga: 0,
  charm: 0,
  speed: 0,
  zomma: 0,
  color: 0,
  impliedVolatility: null,
  note: null,
} as const;

/**
 * Spot, futures and perpetuals. A linear contract is worth multiplier × price; an inverse one, held
 * at an average price A, is worth C·(S/A − 1) dollars at spot S with C dollars a contract, so its
 * delta is C/A. Margined contracts carry their value as P&L from A.
 */
export function linearUnit(
  instrument: Instrument,
  price: Price | undefined,
  averagePrice: number,
): UnitOutcome {
  if (price === undefined) return { ok: false, reason: `no price of ${instrument.instrument_id}` };
  const multiplier = toNumber(instrument.contract_multiplier);
  const { value: mark, quality } = price;
  if (instrument.inverse) {
    if (!(averagePrice > 0)) return { ok: false, reason: 'no average price of the position' };
    const value = multiplier * (mark / averagePrice - 1);
    return {
      ok: true,
      risk: { ...LINEAR, mark, value, delta: multiplier / averagePrice, quality },
    };
  }
  const margined = instrument.kind === 'PERPETUAL' || instrument.kind === 'FUTURE';
  const value = multiplier * (margined ? mark - averagePrice : mark);
  return { ok: true, risk: { ...LINEAR, mark, value, delta: multiplier, quality } };
}
