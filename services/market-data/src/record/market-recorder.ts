import type { Clock, Rng } from '@cerberus/core';
import {
  type BinanceMarket,
  BinanceMarketConnection,
  BinanceRestClient,
  binanceEndpoints,
  CaptureWriter,
  FUTURES_LIMITS,
  instrumentGrid,
  RequestBudget,
  SPOT_LIMITS,
  type VenueInstrument,
} from '@cerberus/venues';
import { FOLLOWED_STREAMS } from '../followed-streams.ts';

export interface RecorderOptions {
  readonly market: BinanceMarket;
  readonly instrument: VenueInstrument;
  readonly file: string;
  /** Base addresses; empty is the venue's own. */
  readonly rest: string;
  readonly ws: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** The file cannot be written any more; what was written stays. */
  readonly onFailure: (error: unknown) => void;
}

export interface RecorderCounts {
  readonly lines: number;
  readonly gaps: number;
  readonly reconnects: number;
  /** Frames lost because the disk was too slow for them. */
  readonly dropped: number;
  readonly live: boolean;
}

/** Frames that may wait for the disk; with some kilobytes each this is far below a gigabyte. */
const WAITING_MAX = 100_000;

/**
 * Writes one symbol's frames as received, with the REST snapshot that its book starts from: one
 * symbol a file, because a snapshot does not say whose it is.
 */
export class MarketRecorder {
  readonly options: RecorderOptions;
  readonly #writer: CaptureWriter;
  readonly #rest: BinanceRestClient;
  readonly #connection: BinanceMarketConnection;
  #draining: Promise<void> | undefined;
  #waiting: { readonly localTimeNs: bigint; readonly text: string }[] = [];
  #gaps = 0;
  #downs = 0;
  #dropped = 0;

  constructor(options: RecorderOptions) {
    this.options = options;
    const { market, instrument, rest, ws, clock, rng, file } = options;
    const base = rest === '' || ws === '' ? undefined : { rest, ws };
    const endpoints = binanceEndpoints(market, base);
    const limits = market === 'spot' ? SPOT_LIMITS : FUTURES_LIMITS;
    const { symbol, tick, lot } = instrument;
    this.#writer = new CaptureWriter(file, options.onFailure);
    this.#rest = new BinanceRestClient({
      ...{ baseUrl: endpoints.rest, clock, budget: new RequestBudget(clock, limits) },
    });
    this.#connection = new BinanceMarketConnection({
      ...{ market, endpoints, clock, rng, rest: this.#rest },
      grids: [instrumentGrid({ symbol, tick, lot })],
      streams: FOLLOWED_STREAMS[market],
      onEvent: () => undefined,
      onRaw: (text, receivedUs) => this.#write({ localTimeNs: BigInt(receivedUs) * 1000n, text }),
      onAnomaly: ({ kind }) => {
        if (kind === 'gap' || kind === 'crossed') this.#gaps += 1;
      },
      onStatus: ({ state }) => {
        if (state === 'down') this.#downs += 1;
      },
    });
  }

  get counts(): RecorderCounts {
    return {
      lines: this.#writer.lines,
      gaps: this.#gaps,
      reconnects: this.#downs,
      dropped: this.#dropped,
      live: this.#connection.live,
    };
  }

  start(): void {
    this.#connection.start();
  }

  /** Resolves when everything received is in the file and the file is closed. */
  async stop(): Promise<RecorderCounts> {
    const { counts } = this;
    this.#connection.stop();
    this.#rest.close();
    await this.#draining;
    await this.#writer.close();
    return { ...counts, lines: this.#writer.lines };
  }

  #write(line: { readonly localTimeNs: bigint; readonly text: string }): void {
    if (this.#draining !== undefined) {
      if (this.#waiting.length < WAITING_MAX) this.#waiting.push(line);
      else this.#dropped += 1;
      return;
    }
    if (!this.#writer.write(line)) {
      this.#draining = this.#drain().catch((error: unknown) => this.options.onFailure(error));
    }
  }

  async #drain(): Promise<void> {
    await this.#writer.drained();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const line of batch) if (!this.#writer.write(line)) await this.#writer.drained();
    }
    this.#draining = undefined;
  }
}
