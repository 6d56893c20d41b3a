export type Side = 'BUY' | 'SELL';

/** How long the unfilled part lives; POST is rest-or-nothing. */
export type Lifetime = 'GTC' | 'IOC' | 'FOK' | 'POST';

/** An order in whole ticks and quantity units. Market orders have no limit. */
export interface EngineOrder {
  readonly orderId: number;
  readonly side: Side;
  readonly limitTicks: number | undefined;
  readonly units: number;
  readonly lifetime: Lifetime;
  filledUnits: number;
  /** Displayed market quantity that was there first, at the same price. */
  queueAheadUnits: number;
}

export function remainingUnits(order: EngineOrder): number {
  return order.units - order.filledUnits;
}

/** One execution. The market itself is the side that has no order. */
export interface Execution {
  readonly priceTicks: number;
  readonly units: number;
  readonly takerSide: Side;
  readonly taker: EngineOrder | undefined;
  readonly maker: EngineOrder | undefined;
}

export type Placement =
  | { readonly result: 'would-take' }
  | { readonly result: 'unfillable' }
  /** `resting` where a part stays in the book; else what is unfilled has expired. */
  | {
      readonly result: 'done';
      readonly executions: readonly Execution[];
      readonly resting: boolean;
    };
