import type { OrderDraft, OrderType, Side, TimeInForce } from '../contract.ts';

/** The ticket as typed: text until it can be an order. */
export interface Ticket {
  account: string;
  symbol: string;
  side: Side;
  type: OrderType;
  quantity: string;
  limitPrice: string;
  timeInForce: TimeInForce;
}

/** At most 18 digits after the point, no sign, no exponent: what the gateway takes as an amount. */
const AMOUNT = /^\d{1,18}(\.\d{1,18})?$/;

export function isAmount(text: string): boolean {
  return AMOUNT.test(text) && Number(text) > 0;
}

const PRICE = /^\d+(?:\.(\d+))?$/;

/**
 * The middle of the touch on the grid of the touch's own prices, rounded away from the market: half
 * a tick is no price, and rounding the other way would cross the spread.
 */
export function passiveMid(bid: string, ask: string, side: Side): string | null {
  const [bidMatch, askMatch] = [PRICE.exec(bid), PRICE.exec(ask)];
  if (!bidMatch || !askMatch) return null;
  const digits = Math.max(bidMatch[1]?.length ?? 0, askMatch[1]?.length ?? 0);
  const scaled = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(digits, '0'));
  };
  const sum = scaled(bid) + scaled(ask);
  const units = String(side === 'BUY' ? sum / 2n : (sum + 1n) / 2n).padStart(digits + 1, '0');
  return digits === 0 ? units : `${units.slice(0, -digits)}.${units.slice(-digits)}`;
}

/** The order to check, or what is still missing. */
export function draftOf(
  ticket: Ticket,
): { ok: true; draft: OrderDraft } | { ok: false; missing: string } {
  const quantity = ticket.quantity.trim();
  const limitPrice = ticket.limitPrice.trim();
  const symbol = ticket.symbol.trim();
  if (ticket.account === '') return { ok: false, missing: 'Choose an account.' };
  if (symbol === '') return { ok: false, missing: 'Choose an instrument.' };
  if (!isAmount(quantity)) return { ok: false, missing: 'Enter a quantity above zero.' };
  if (ticket.type === 'LIMIT' && !isAmount(limitPrice)) {
    return { ok: false, missing: 'Enter a limit price above zero.' };
  }
  const base = {
    account_id: ticket.account,
    symbol,
    side: ticket.side,
    order_type: ticket.type,
    quantity,
  };
  return ticket.type === 'LIMIT'
    ? {
        ok: true,
        draft: { ...base, limit_price: limitPrice, time_in_force: ticket.timeInForce },
      }
    : { ok: true, draft: base };
}
