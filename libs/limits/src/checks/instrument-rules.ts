import { type CatalogueEntry, type Decimal, formatDecimal } from '@cerberus/core';
import type { Instrument } from '@cerberus/schema';
import type { GateCheck } from '../check.ts';
import { LIMITS_ERRORS } from '../errors.ts';
import { productUp, UNIT } from '../fixed-point.ts';
import { broken, kept } from '../outcome.ts';
import type { Subject } from '../subject.ts';

const NAME = 'instrument_rules';

/** Quantity in lots within the venue's bounds, prices in ticks where the order type needs them, worth enough. */
export const instrumentRules: GateCheck = {
  name: NAME,
  always: true,
  limits: [],
  evaluate(subject) {
    const { instrument, order } = subject;
    if (instrument === undefined) {
      const message = order.instrument_id;
      return broken({ check: NAME, error: LIMITS_ERRORS.INSTRUMENT_UNKNOWN, message });
    }
    const fault =
      quantityFault(instrument, order.quantity) ??
      pricesFault(instrument, subject) ??
      valueFault(instrument, subject);
    if (fault === undefined) return kept(NAME, 'lots, ticks and minimum value are kept');
    return broken({ check: NAME, error: fault[0], message: fault[1] });
  },
  maxQuantity: ({ instrument }) => instrument?.max_quantity ?? undefined,
};

type RuleFault = readonly [CatalogueEntry, string];

function quantityFault(instrument: Instrument, quantity: Decimal): RuleFault | undefined {
  const { lot_size: lot, min_quantity: least, max_quantity: most } = instrument;
  if (quantity <= 0n) return [LIMITS_ERRORS.QUANTITY_INVALID, text(quantity)];
  if (lot > 0n && quantity % lot !== 0n) {
    return [LIMITS_ERRORS.LOT_SIZE, `${text(quantity)} is not a multiple of ${text(lot)}`];
  }
  if (quantity < least) {
    return [LIMITS_ERRORS.MIN_QUANTITY, `${text(quantity)} is below ${text(least)}`];
  }
  if (most !== null && quantity > most) {
    return [LIMITS_ERRORS.MAX_QUANTITY, `${text(quantity)} is above ${text(most)}`];
  }
  return undefined;
}

function pricesFault(instrument: Instrument, { order }: Subject): RuleFault | undefined {
  const { order_type: type, limit_price: limit, stop_price: stop } = order;
  const needsLimit = type === 'LIMIT' || type === 'STOP_LIMIT';
  const needsStop = type === 'STOP' || type === 'STOP_LIMIT';
  return (
    priceFault('limit_price', limit, { instrument, needed: needsLimit, type }) ??
    priceFault('stop_price', stop, { instrument, needed: needsStop, type })
  );
}

function priceFault(
  field: string,
  price: Decimal | null,
  rule: { readonly instrument: Instrument; readonly needed: boolean; readonly type: string },
): RuleFault | undefined {
  if (price === null) {
    return rule.needed ? [LIMITS_ERRORS.PRICE_REQUIRED, `${rule.type} needs ${field}`] : undefined;
  }
  const { tick_size: tick } = rule.instrument;
  if (price <= 0n) return [LIMITS_ERRORS.PRICE_INVALID, `${field} ${text(price)}`];
  if (tick > 0n && price % tick !== 0n) {
    const message = `${field} ${text(price)} is not a multiple of ${text(tick)}`;
    return [LIMITS_ERRORS.TICK_SIZE, message];
  }
  return undefined;
}

/** The venue's minimum, in its quote currency, at the order's price or the market's. */
function valueFault(instrument: Instrument, subject: Subject): RuleFault | undefined {
  const { order, reference } = subject;
  const price = order.limit_price ?? reference;
  const { min_notional: least, contract_multiplier: multiplier, inverse } = instrument;
  if (least <= 0n || price === undefined) return undefined;
  const contracts = productUp(order.quantity, multiplier);
  const value = inverse ? contracts * UNIT : contracts * price;
  if (value >= least * UNIT) return undefined;
  return [LIMITS_ERRORS.MIN_NOTIONAL, `below ${text(least)} ${instrument.quote_currency}`];
}

function text(value: Decimal): string {
  return formatDecimal(value);
}
