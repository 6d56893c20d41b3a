import type { TableView } from '@cerberus/bus';
import { invariant } from '@cerberus/core';
import type { HostContext } from '@cerberus/runtime';
import type { Instrument } from '@cerberus/schema';
import { BinanceGateway } from './binance-gateway.ts';
import type { ExecutionConfig } from './config.ts';
import type { VenueGateway, VenueListener } from './venue-gateway.ts';
import type { WorkingOrder } from './working-order.ts';

const RETRY_MS = 1000;

/** The connections that trade, and which of them an order belongs to. */
export class VenueDesk {
  readonly gateways: readonly VenueGateway[];
  readonly #byMarket = new Map<'spot' | 'usdm', VenueGateway>();
  readonly #host: HostContext;
  readonly #instruments: TableView<'ref.instrument'>;
  readonly #stopped = new AbortController();

  constructor(
    host: HostContext,
    config: ExecutionConfig,
    instruments: TableView<'ref.instrument'>,
  ) {
    this.#host = host;
    this.#instruments = instruments;
    for (const market of ['spot', 'usdm'] as const) {
      const { apiKey, apiSecret, rest, ws, weightPerMinute, ordersPer10Seconds } = config[market];
      if (apiKey === '') continue;
      const { recvWindowMs, deadlineMs } = config;
      const gateway = new BinanceGateway({
        ...{ market, apiKey, apiSecret, recvWindowMs, deadlineMs },
        limits: { weightPerMinute, ordersPer10Seconds },
        base: rest === '' || ws === '' ? undefined : { rest, ws },
        clock: host.clock,
        rng: host.rng,
        venueSymbol: (id) => this.#listed(id).venue_symbol,
      });
      this.#byMarket.set(market, gateway);
    }
    this.gateways = [...this.#byMarket.values()];
  }

  instrument(instrumentId: string): Instrument | undefined {
    return this.#instruments.get(instrumentId);
  }

  gatewayOf(order: WorkingOrder): VenueGateway | undefined {
    const instrument = this.instrument(order.instrumentId);
    if (instrument?.venue !== 'BINANCE' || instrument.inverse) return undefined;
    switch (instrument.kind) {
      case 'SPOT':
        return this.#byMarket.get('spot');
      case 'PERPETUAL':
      case 'FUTURE':
        return this.#byMarket.get('usdm');
      default:
        return undefined;
    }
  }

  /** Keeps trying: a venue that is down at start must not need a person once it is back. */
  async start(listener: VenueListener): Promise<void> {
    await Promise.all(
      this.gateways.map(async (gateway) => {
        while (!this.#stopped.signal.aborted) {
          try {
            await gateway.start(listener);
            return;
          } catch (error) {
            this.#host.log.warn({ err: error }, 'a venue cannot be reached for trading');
            // Ended by stopping, which the loop sees.
            await this.#host.clock.sleep(RETRY_MS, this.#stopped.signal).catch(() => undefined);
          }
        }
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const gateway of this.gateways) await gateway.stop();
  }

  #listed(instrumentId: string): Instrument {
    const instrument = this.instrument(instrumentId);
    invariant(instrument !== undefined, `${instrumentId} is in the reference data`);
    return instrument;
  }
}
