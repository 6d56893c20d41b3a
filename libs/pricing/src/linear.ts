import { type Fault, fail, faultOf, ok, type Result } from '@cerberus/core';
import { faultOfFields, PRICING_ERRORS } from './errors.ts';

/**
 * Linear instruments, valued per contract in their settlement currency and converted by `rate to
 * account`, the account-currency price of one unit of the settlement currency. Quantities are signed:
 * positive long, negative short.
 *
 * - `spot`: equity, ETF or coin; worth its price.
 * - `future`: margined daily; value is the gain since the entry price times the multiplier.
 * - `perpetual`: linear swap with funding; as a future, and longs pay rate × notional at each funding.
 * - `inverse-future`, `inverse-perpetual`: contracts of a fixed amount of quote currency, settled in the
 *   base coin: gain in coin = contracts × size × (1/entry − 1/mark).
 */
export const LINEAR_KINDS = [
  'spot',
  'future',
  'perpetual',
  'inverse-future',
  'inverse-perpetual',
] as const;
export type LinearKind = (typeof LINEAR_KINDS)[number];

export interface LinearPosition {
  readonly kind: LinearKind;
  /** Shares, coins or contracts, signed. */
  readonly quantity: number;
  /** Units of the underlying per contract; quote-currency amount per contract for inverse kinds. */
  readonly multiplier: number;
  readonly entryPrice: number;
  /** Price of the instrument now, in its quote currency. */
  readonly markPrice: number;
  /** Spot of the underlying, of which delta is taken; the mark price where absent. */
  readonly underlyingPrice?: number;
  /** Account currency per unit of settlement currency; for inverse kinds that is the base coin. */
  readonly rateToAccount: number;
  /** Funding rate of the coming interval, longs pay where positive; perpetuals only. */
  readonly fundingRate?: number;
}

export interface LinearValue {
  /** Market value of a spot holding, unrealised gain of a derivative; account currency. */
  readonly value: number;
  /** Gain since entry; account currency. */
  readonly unrealisedGain: number;
  /** Exposure |quantity| × contract worth with the sign of the position; account currency. */
  readonly notional: number;
  /** Change of value per 1.00 of the underlying in its quote currency; account currency. */
  readonly delta: number;
  /** Second derivative; zero except for inverse contracts, whose coin gain is curved. */
  readonly gamma: number;
  /** Cash received (negative: paid) at the next funding; account currency. */
  readonly nextFunding: number;
}

const RULES = {
  quantity: 'finite',
  multiplier: 'positive',
  entryPrice: 'positive',
  markPrice: 'positive',
  underlyingPrice: 'positive',
  rateToAccount: 'positive',
  fundingRate: 'finite',
} as const;

/**
 * Value, exposure and Greeks of a position. For inverse kinds `rateToAccount` is held fixed in delta and
 * gamma, which are those of the gain in coin: ∂/∂P of n·size·(1/E − 1/P) is n·size/P², and the second
 * derivative −2·n·size/P³; a book kept in the quote currency adds the coin's own conversion risk. Where
 * the mark differs from the underlying (basis), moves are taken as proportional.
 */
export function linearValue(position: LinearPosition): Result<LinearValue> {
  const { kind, quantity, multiplier, entryPrice, markPrice, rateToAccount } = position;
  const underlyingPrice = position.underlyingPrice ?? markPrice;
  const fundingRate = position.fundingRate ?? 0;
  const fault =
    faultOfKind(kind) ?? faultOfFields({ ...position, underlyingPrice, fundingRate }, RULES);
  if (fault !== undefined) return fail(fault);
  const isInverse = kind === 'inverse-future' || kind === 'inverse-perpetual';
  const isPerpetual = kind === 'perpetual' || kind === 'inverse-perpetual';
  const size = quantity * multiplier * rateToAccount;
  // Proportional basis: the mark moves by mark/underlying for each unit of the underlying.
  const passThrough = markPrice / underlyingPrice;
  const gain = isInverse
    ? size * (1 / entryPrice - 1 / markPrice)
    : size * (markPrice - entryPrice);
  const notional = isInverse ? size / markPrice : size * markPrice;
  const slope = isInverse ? size / (markPrice * markPrice) : size;
  const bend = isInverse ? (-2 * size) / markPrice ** 3 : 0;
  const value = {
    value: kind === 'spot' ? notional : gain,
    unrealisedGain: gain,
    notional,
    delta: slope * passThrough,
    gamma: bend * passThrough * passThrough,
    nextFunding: isPerpetual ? -fundingRate * notional : 0,
  };
  if (!Object.values(value).every(Number.isFinite)) {
    return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'value' }));
  }
  return ok(value);
}

function faultOfKind(kind: LinearKind): Fault | undefined {
  if (LINEAR_KINDS.includes(kind)) return undefined;
  return faultOf(PRICING_ERRORS.UNKNOWN_VARIANT, {
    path: 'kind',
    expected: LINEAR_KINDS.join(', '),
    received: String(kind),
  });
}

export interface ForwardInputs {
  readonly spot: number;
  readonly timeYears: number;
  readonly rate: number;
  readonly dividendYield: number;
}

const FORWARD_RULES = {
  spot: 'positive',
  timeYears: 'time',
  rate: 'finite',
  dividendYield: 'finite',
} as const;

/** Cost-of-carry forward F = S e^{(r−q)T}. */
export function forwardPrice(inputs: ForwardInputs): Result<number> {
  const fault = faultOfFields(inputs, FORWARD_RULES);
  if (fault !== undefined) return fail(fault);
  const { spot, timeYears, rate, dividendYield } = inputs;
  const forward = spot * Math.exp((rate - dividendYield) * timeYears);
  if (Number.isFinite(forward)) return ok(forward);
  return fail(faultOf(PRICING_ERRORS.RESULT_OUT_OF_RANGE, { path: 'forward' }));
}

/** Annualised carry ln(F/S)/T implied by a future, continuously compounded. */
export function impliedCarry(spot: number, future: number, timeYears: number): Result<number> {
  const fault = faultOfFields(
    { spot, future, timeYears },
    { spot: 'positive', future: 'positive', timeYears: 'positive' },
  );
  return fault === undefined ? ok(Math.log(future / spot) / timeYears) : fail(fault);
}
