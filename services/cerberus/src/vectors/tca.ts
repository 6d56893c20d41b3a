import { unwrap } from '@cerberus/core';
import {
  averageFillPrice,
  type BarFill,
  benchmarks,
  implementationShortfall,
  type MarketBar,
  slippageBps,
} from '@cerberus/tca';
import { numberOf, valuesOrCode } from './case-inputs.ts';
import type { VectorTopic } from './topic.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** Benchmark slippages and the shortfall decomposition. */
export const transactionCost: VectorTopic = {
  file: 'tca.json',
  evaluate: (inputs) => valuesOrCode(() => evaluate(inputs)),
};

function evaluate(inputs: Inputs): Record<string, unknown> {
  const side = inputs['side'] === 'sell' ? -1 : 1;
  const fills = inputs['fills'] as BarFill[];
  const average = unwrap(averageFillPrice(fills));
  const marks = unwrap(benchmarks(inputs['market_bars'] as MarketBar[], fills));
  const arrivalPrice = numberOf(inputs, 'arrival_price');
  const closingPrice = numberOf(inputs, 'closing_price');
  const shortfall = unwrap(
    implementationShortfall({
      side,
      orderQuantity: numberOf(inputs, 'order_quantity'),
      filledQuantity: average.quantity,
      averageFillPrice: average.price,
      decisionPrice: numberOf(inputs, 'decision_price'),
      arrivalPrice,
      closingPrice,
      fees: numberOf(inputs, 'fee_per_share') * average.quantity,
    }),
  );
  const against = (benchmark: number): number =>
    unwrap(slippageBps(side, average.price, benchmark));
  return {
    filled_quantity: average.quantity,
    average_fill_price: average.price,
    market_vwap_all_bars: marks.vwap,
    market_twap_all_bars: marks.twap,
    interval_vwap_first_to_last_fill_bar: marks.intervalVwap,
    arrival_slippage_bps: against(arrivalPrice),
    vwap_slippage_bps: against(marks.vwap),
    twap_slippage_bps: against(marks.twap),
    interval_vwap_slippage_bps: against(marks.intervalVwap),
    close_slippage_bps: against(closingPrice),
    delay_cost: shortfall.delay,
    trading_cost: shortfall.trading,
    opportunity_cost: shortfall.opportunity,
    fees: shortfall.fees,
    implementation_shortfall: shortfall.total,
    implementation_shortfall_bps_of_paper: shortfall.totalBps,
    participation_rate: marks.participationRate,
    fill_rate: shortfall.fillRate,
  };
}
