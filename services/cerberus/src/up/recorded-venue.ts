import { CerberusError, faultOf } from '@cerberus/core';
import { type ServiceHost, TapeClock } from '@cerberus/runtime';
import {
  type CapturedInstrument,
  type CaptureReport,
  type CaptureSurvey,
  capturedInstruments,
  surveyCapture,
  type Tape,
} from '@cerberus/service-market-data';
import { listedSymbol, type ReplayConfig, type SymbolSpec } from '@cerberus/service-venue-sim';
import { CLI_ERRORS } from '../commands/errors.ts';
import type { PlatformConfig } from './platform.ts';
import { openSimulator, tradingOn, withDemoBook } from './simulated-venue.ts';

const DOLLARS = new Set(['USDT', 'USDC', 'FDUSD', 'USD']);

/** Captures about to be played: the tape, its time, and what is on it. */
export class Recording {
  readonly surveys: readonly CaptureSurvey[];
  readonly instruments: readonly CapturedInstrument[];
  /** 0 is as fast as the machine goes. */
  readonly speed: number;
  readonly tape: Tape;
  /** What became of every line; resolves when the tape has ended. */
  readonly ended: Promise<CaptureReport>;
  readonly #begin: () => void;

  private constructor(surveys: readonly CaptureSurvey[], speed: number) {
    this.surveys = surveys;
    this.speed = speed;
    this.instruments = surveys.flatMap((survey) => capturedInstruments(survey));
    const first = surveys.reduce((a, b) => (b.firstTimeUs < a.firstTimeUs ? b : a));
    const begin = Promise.withResolvers<void>();
    const end = Promise.withResolvers<CaptureReport>();
    this.#begin = begin.resolve;
    this.ended = end.promise;
    this.tape = {
      clock: new TapeClock(first.firstTimeUs),
      begun: begin.promise,
      surveys,
      ended: (report) => end.resolve(report),
    };
  }

  static async open(
    files: readonly string[],
    speed: number,
    onFile: (file: string) => void,
  ): Promise<Recording> {
    const surveys: CaptureSurvey[] = [];
    for (const file of files) {
      onFile(file);
      const survey = await surveyCapture(file);
      if (!survey.ok) {
        const { path = file, message } = survey.error;
        throw new CerberusError(faultOf(CLI_ERRORS.INPUT_INVALID, { path, message }));
      }
      surveys.push(survey.value);
    }
    return new Recording(surveys, speed);
  }

  /** Orders can meet the recorded books only while the tape keeps a time that they can keep too. */
  get tradable(): boolean {
    return this.speed > 0 && this.#recorded().length > 0;
  }

  begin(): void {
    this.#begin();
  }

  /** Captures play as feeds; orders go to a simulator that plays the same captures. */
  async venue(host: ServiceHost, config: PlatformConfig): Promise<PlatformConfig> {
    const withBook = await withDemoBook(host, config, () =>
      Promise.resolve({
        spots: this.#spots(),
        symbols: new Set(this.instruments.map(({ instrument }) => instrument.symbol)),
      }),
    );
    const playing: PlatformConfig = {
      ...withBook,
      'market-data': {
        ...config['market-data'],
        replay: { files: this.surveys.map(({ file }) => file), speed: this.speed },
      },
      'risk-engine': { ...config['risk-engine'], references: this.#references(config) },
    };
    if (!this.tradable) return withoutTrading(playing);
    const recorded = this.#recorded();
    const sim = await openSimulator(host, config, {
      symbols: recorded.map(({ spec }) => spec),
      replay: recorded.map(({ replay }) => replay),
    });
    return tradingOn(sim, playing);
  }

  /** What the simulator knows how to trade: spot and USD-M. */
  #recorded(): { readonly spec: SymbolSpec; readonly replay: ReplayConfig }[] {
    return this.surveys.flatMap((survey) =>
      capturedInstruments(survey).flatMap(({ listed, firstPrice = 1 }) => {
        const { market, symbol, base, quote, tick, lot, grid } = listed;
        if (market === 'coinm' || listed.contract === 'delivery') return [];
        const minNotional = listed.minNotional ?? lot;
        const spec = listedSymbol({
          ...{ market, symbol, base, quote, tick, lot, grid, minNotional, price: firstPrice },
        });
        return [{ spec, replay: { market, symbol, file: survey.file, speed: 'clock' as const } }];
      }),
    );
  }

  /** First price of every underlying, from its best instrument. */
  #spots(): ReadonlyMap<string, number> {
    const spots = new Map<string, number>();
    for (const { instrument, firstPrice } of this.#byRank()) {
      if (firstPrice !== undefined && !spots.has(instrument.underlying)) {
        spots.set(instrument.underlying, firstPrice);
      }
    }
    return spots;
  }

  /** The instrument whose price stands for an underlying: spot where the tape has it. */
  #references(config: PlatformConfig): Record<string, string> {
    const onTape = new Set(this.instruments.map(({ instrument }) => instrument.instrument_id));
    const configured = Object.entries(config['risk-engine'].references);
    const references = Object.fromEntries(configured.filter(([, id]) => onTape.has(id)));
    for (const { instrument } of this.#byRank()) {
      references[instrument.underlying] ??= instrument.instrument_id;
    }
    return references;
  }

  #byRank(): CapturedInstrument[] {
    const rank = { spot: 0, usdm: 1, coinm: 2 };
    return this.instruments
      .filter(({ listed }) => DOLLARS.has(listed.quote))
      .sort((a, b) => rank[a.listed.market] - rank[b.listed.market]);
  }
}

/** No key, no trading: an order that passes the gate is refused by the emitter, with that reason. */
function withoutTrading(config: PlatformConfig): PlatformConfig {
  const none = { rest: '', ws: '', apiKey: '', apiSecret: '' };
  const { spot, usdm } = config.execution;
  const execution = {
    ...config.execution,
    spot: { ...spot, ...none },
    usdm: { ...usdm, ...none },
  };
  return { ...config, execution };
}
