import { epochUsFromMs, toNumber } from '@cerberus/core';
import type { Bar, Instrument } from '@cerberus/schema';
import type { BarEvent } from '@cerberus/venues';

/** A bar that the venue itself built. */
export function historyBar(bar: BarEvent, { instrument_id, venue }: Instrument): Bar {
  return {
    instrument_id,
    venue,
    interval: bar.interval,
    open_time: epochUsFromMs(bar.openTimeMs),
    close_time: epochUsFromMs(bar.closeTimeMs),
    open: toNumber(bar.open),
    high: toNumber(bar.high),
    low: toNumber(bar.low),
    close: toNumber(bar.close),
    volume: toNumber(bar.volume),
    quote_volume: toNumber(bar.quoteVolume),
    trade_count: bar.tradeCount,
    revision: 0,
    complete: bar.closed,
    source: 'VENUE',
  };
}
