import { absolute, add, compare, type Decimal, toNumber, ZERO } from '@cerberus/core';
import type {
  Fill,
  Instrument,
  OrderDecision,
  OrderEvent,
  Side,
  TcaReport,
} from '@cerberus/schema';

/** Market around the order, as far as it was seen; price units of the instrument. */
export interface MarketContext {
  /** Best bid and offer at the decision. */
  readonly arrivalBid: number | null;
  readonly arrivalAsk: number | null;
  /** Volume-weighted price of public trades from the decision to the last fill. */
  readonly intervalVwap: number | null;
  /** Newest mid price. */
  readonly mid: number | null;
}

export interface ReportInput {
  readonly decision: OrderDecision;
  readonly event: OrderEvent | null;
  readonly fills: readonly Fill[];
  readonly instrument: Instrument;
  readonly market: MarketContext;
  /** Currencies counted at par with the US dollar. */
  readonly dollarCurrencies: ReadonlySet<string>;
  readonly asOf: TcaReport['as_of'];
}

const BPS = 10_000;
const TERMINAL = new Set(['CANCELED', 'REJECTED', 'EXPIRED', 'FILLED', 'REPLACED']);

/** A figure of the report, or why it has none. */
type Measure = number | { readonly missing: string };

/**
 * The execution report of one order. Slippage is in basis points of its benchmark and positive when
 * it cost: side · (average fill price − benchmark) / benchmark, side = +1 to buy, −1 to sell
 * (Perold 1988, "The implementation shortfall", J. Portfolio Management 14(3)). Impact is the arrival
 * slippage less the half-spread at arrival. What the inputs do not give is null, with its reason.
 */
export function executionReport(input: ReportInput): TcaReport {
  const { decision, event, fills, instrument } = input;
  const filled = fills.reduce((sum, fill) => add(sum, fill.quantity), ZERO);
  const missing: Record<string, string> = {};
  const figures = Object.fromEntries(
    Object.entries(measures(input, filled)).map(([name, measure]) => {
      if (typeof measure === 'number') return [name, measure];
      missing[name] = measure.missing;
      return [name, null];
    }),
  ) as Record<keyof ReturnType<typeof measures>, number | null>;
  return {
    order_id: decision.order_id,
    account_id: decision.account_id,
    instrument_id: decision.instrument_id,
    final: event !== null && TERMINAL.has(event.status),
    as_of: input.asOf,
    orders: [reportOrder(decision, instrument)],
    fills: fills.map((fill) => reportFill(fill, decision)),
    violations: violations(decision, fills, filled),
    ...figures,
    missing,
  };
}

const NO_FILL = { missing: 'no fill yet' };

function measures(input: ReportInput, filled: Decimal) {
  const { decision, fills, instrument, market } = input;
  const sign = decision.side === 'BUY' ? 1 : -1;
  const units = toNumber(filled) * toNumber(instrument.contract_multiplier);
  const average = averagePrice(fills);
  const given = <T>(
    value: T | null,
    reason: string,
    figure: (value: T, average: number) => number,
  ): Measure => {
    if (average === null) return NO_FILL;
    return value === null ? { missing: reason } : figure(value, average);
  };
  const noMid = 'no mid price at the decision';
  const noSpread = 'no spread in dollars at the decision';
  const halfSpread = halfSpreadOf(market);
  const dollars = input.dollarCurrencies.has(instrument.quote_currency);
  const fees = feesInDollars(input);
  const arrival = given(decision.arrival_mid, noMid, (mid, price) => bps(price, mid, sign));
  return {
    fees_usd: fees,
    arrival_slippage_bps: arrival,
    impact_bps:
      typeof arrival === 'number'
        ? given(
            halfSpread,
            'no spread at the decision',
            (half) => arrival - (half / decision.arrival_mid!) * BPS,
          )
        : arrival,
    spread_cost_usd: given(
      dollars ? halfSpread : null,
      noSpread,
      (half) => half * takerShare(fills) * units,
    ),
    total_cost_usd:
      typeof fees === 'number'
        ? given(decision.arrival_mid, noMid, (mid, price) => sign * (price - mid) * units + fees)
        : fees,
    realized_pnl: { missing: 'realised P&L belongs to the position, not to an order' } as Measure,
    unrealized_pnl: given(market.mid, 'no mid price', (mid, price) => sign * (mid - price) * units),
    latency_ms: given(firstFillTime(fills), '', (time) => (time - decision.decision_time) / 1000),
    vwap_slippage_bps: given(
      market.intervalVwap,
      'no public trade while the order was open',
      (vwap, price) => bps(price, vwap, sign),
    ),
    fill_rate: (toNumber(filled) / toNumber(decision.quantity)) as Measure,
    passive_ratio: given(takerShare(fills), '', (taker) => 1 - taker),
  };
}

function bps(price: number, benchmark: number, sign: number): number {
  return ((sign * (price - benchmark)) / benchmark) * BPS;
}

function firstFillTime(fills: readonly Fill[]): number | null {
  return fills.length === 0 ? null : Math.min(...fills.map((fill) => fill.record_time));
}

function reportFill(fill: Fill, decision: OrderDecision): TcaReport['fills'][number] {
  const sign = fill.side === 'BUY' ? 1 : -1;
  const { arrival_mid: mid } = decision;
  return {
    order_id: fill.order_id,
    fill_id: fill.fill_id,
    price: fill.price,
    quantity: fill.quantity,
    slippage_bps: mid === null ? null : bps(toNumber(fill.price), mid, sign),
    venue: fill.venue,
    event_time: fill.event_time,
  };
}

function averagePrice(fills: readonly Fill[]): number | null {
  let quantity = 0;
  let notional = 0;
  for (const fill of fills) {
    quantity += toNumber(fill.quantity);
    notional += toNumber(fill.quantity) * toNumber(fill.price);
  }
  return quantity > 0 ? notional / quantity : null;
}

function halfSpreadOf({ arrivalBid, arrivalAsk }: MarketContext): number | null {
  return arrivalBid === null || arrivalAsk === null ? null : (arrivalAsk - arrivalBid) / 2;
}

/** Share of the filled quantity that took liquidity; unknown liquidity counts as taken. */
function takerShare(fills: readonly Fill[]): number {
  let taken = 0;
  let total = 0;
  for (const fill of fills) {
    const quantity = toNumber(fill.quantity);
    total += quantity;
    if (fill.liquidity !== 'MAKER') taken += quantity;
  }
  return total > 0 ? taken / total : 0;
}

function feesInDollars({ fills, instrument, dollarCurrencies }: ReportInput): Measure {
  let value = 0;
  for (const { fee, fee_currency: currency, price } of fills) {
    if (dollarCurrencies.has(currency)) value += toNumber(fee);
    else if (
      currency === instrument.base_currency &&
      dollarCurrencies.has(instrument.quote_currency)
    ) {
      value += toNumber(fee) * toNumber(price);
    } else return { missing: `no dollar price of ${currency}` };
  }
  return value;
}

function violations(
  decision: OrderDecision,
  fills: readonly Fill[],
  filled: Decimal,
): readonly string[] {
  const found: string[] = [];
  if (compare(filled, absolute(decision.quantity)) > 0) {
    found.push('CRB_TCA_OVERFILL: filled more than was approved');
  }
  for (const fill of fills) {
    if (decision.limit_price === null || !worseThan(fill.price, decision.limit_price, fill.side)) {
      continue;
    }
    found.push(`CRB_TCA_LIMIT_PRICE: fill ${fill.fill_id} is worse than the limit price`);
  }
  return found;
}

function worseThan(price: Decimal, limit: Decimal, side: Side): boolean {
  return side === 'BUY' ? price > limit : price < limit;
}

function reportOrder(decision: OrderDecision, instrument: Instrument): TcaReport['orders'][number] {
  return {
    order_id: decision.order_id,
    venue: instrument.venue,
    instrument_id: decision.instrument_id,
    side: decision.side,
    quantity: decision.quantity,
    time_in_force: decision.time_in_force,
    order_type: decision.order_type,
    limit_price: decision.limit_price,
    slice_id: null,
    parent_id: null,
  };
}
