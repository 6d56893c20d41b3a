import {
  type Bus,
  type HandlerContext,
  type InputOf,
  jsonSerializer,
  PartitionedProcessor,
  StreamReader,
  TableView,
} from '@cerberus/bus';
import { defineService } from '@cerberus/runtime';
import type { Codecs, OrderDecision, Quote } from '@cerberus/schema';
import { executionReport } from '@cerberus/tca';
import { type Static, Type } from 'typebox';
import { EMPTY_FILE, isComplete, type OrderFile, withEvent, withFill } from './order-file.ts';
import { QuoteTape } from './quote-tape.ts';
import { TradeTape } from './trade-tape.ts';

export interface TcaPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

const TCA_SECTION = Type.Object(
  {
    dollarCurrencies: Type.Array(Type.String(), {
      default: ['USD', 'USDT', 'USDC'],
      description: 'Currencies counted at par with the US dollar',
    }),
    arrivalQuoteMaxAgeMs: Type.Integer({
      default: 2000,
      minimum: 1,
      maximum: 600_000,
      description: 'An older quote does not give the spread at arrival',
    }),
    keepCompleteMs: Type.Integer({
      default: 600_000,
      minimum: 0,
      maximum: 86_400_000,
      description: 'A finished order is kept so long for fills that come late',
    }),
  },
  { description: 'Execution reports.' },
);

/** Nobody waits for a report; what the market was like is looked up when one is made. */
const MARKET_WAIT_MS = 100;

const FORGET_EVERY_MS = 10_000;
/** Of one partition. */
const COMPLETE_FILES_MAX = 5000;

type Input = 'order.decision' | 'order.event' | 'fill';

/** order.decision × order.event × fill × market → tca.report. */
export const tca = defineService<typeof TCA_SECTION, TcaPorts>({
  name: 'tca',
  config: TCA_SECTION,
  create: async (context) => {
    const { bus, codecs, config } = context;
    const port = { bus, codecs, host: context };
    const instruments = new TableView({ ...port, topic: 'ref.instrument' });
    const market = new Market(config);
    const dollarCurrencies = new Set(config.dollarCurrencies);
    const quotes = new StreamReader({
      ...{ ...port, name: 'tca quotes', topics: ['md.quote'], conflate: true },
      patienceMs: MARKET_WAIT_MS,
      handle: ({ message }) => market.onQuote(message),
    });
    const trades = new StreamReader({
      ...{ ...port, name: 'tca trades', topics: ['md.trade'] },
      patienceMs: MARKET_WAIT_MS,
      handle: ({ message }) => market.tape.add(message),
    });
    const processor = new PartitionedProcessor<Input, OrderFile>({
      ...{ ...port, service: 'tca', inputs: ['order.decision', 'order.event', 'fill'] },
      state: { topic: 'tca.state', serializer: jsonSerializer<OrderFile>('order-file', 1) },
      tables: [instruments],
      // Nobody waits for a report.
      patience: { ms: 1000 },
      handle: (input, handler) => {
        const file = fileOf(input, handler, market);
        if (file === undefined) return;
        const orderId = input.message.order_id;
        const complete = isComplete(file);
        const kept = complete ? { ...file, completeAt: handler.nowUs } : file;
        handler.state.put(orderId, kept);
        const instrument = instruments.get(input.message.instrument_id);
        if (file.decision === null || instrument === undefined || nothingToTell(file)) return;
        handler.emit('tca.report', {
          ...executionReport({
            ...{ decision: file.decision, event: file.event, fills: file.fills, instrument },
            market: market.around(file),
            dollarCurrencies,
            asOf: handler.nowUs,
          }),
          // The end of an order may be read before its last fills: they come from another topic.
          final: complete,
        });
      },
      tick: { everyMs: FORGET_EVERY_MS, run: (handler) => forget(handler, config.keepCompleteMs) },
    });
    await Promise.all([instruments, quotes, trades, processor].map((part) => part.start()));
    return {
      ready: () => processor.ready(),
      stop: async () => {
        for (const part of [processor, trades, quotes, instruments]) await part.stop();
      },
    };
  },
});

/** The order's file with what the record adds; undefined where it adds nothing. */
function fileOf(
  { topic, message }: InputOf<Input>,
  { state }: HandlerContext<OrderFile>,
  market: Market,
): OrderFile | undefined {
  const file = state.get(message.order_id) ?? EMPTY_FILE;
  switch (topic) {
    case 'order.decision': {
      const wanted = message.kind === 'NEW' && message.outcome === 'APPROVED';
      if (!wanted || file.decision !== null) return undefined;
      return { ...file, decision: message, ...market.spreadAt(message) };
    }
    case 'order.event':
      return withEvent(file, message);
    case 'fill':
      return withFill(file, message);
  }
}

/** Until something filled, or the order ended, a report would say nothing. */
function nothingToTell(file: OrderFile): boolean {
  return file.fills.length === 0 && !isComplete(file);
}

/** Complete files that are too old, and the oldest of those that are too many. */
function forget({ state, nowUs }: HandlerContext<OrderFile>, keepMs: number): void {
  const complete = [...state.entries()].filter(([, { completeAt }]) => completeAt !== null);
  const tooMany = complete.length - COMPLETE_FILES_MAX;
  for (const [index, [orderId, { completeAt }]] of complete.entries()) {
    if (index < tooMany || nowUs - completeAt! > keepMs * 1000) state.delete(orderId);
  }
}

/** What is seen of the market around orders. */
class Market {
  readonly tape = new TradeTape();
  readonly #quotes = new QuoteTape();
  readonly #maxAgeUs: number;

  constructor({ arrivalQuoteMaxAgeMs }: Static<typeof TCA_SECTION>) {
    this.#maxAgeUs = arrivalQuoteMaxAgeMs * 1000;
  }

  onQuote(quote: Quote): void {
    this.#quotes.add(quote);
  }

  spreadAt({ instrument_id, decision_time }: OrderDecision) {
    const quote = this.#quotes.at(instrument_id, decision_time);
    const fresh = quote !== undefined && decision_time - quote.receive_time <= this.#maxAgeUs;
    return {
      arrivalBid: fresh ? quote.bid_price : null,
      arrivalAsk: fresh ? quote.ask_price : null,
    };
  }

  around({ decision, fills, arrivalBid, arrivalAsk }: OrderFile) {
    const quote = decision === null ? undefined : this.#quotes.newest(decision.instrument_id);
    const lastFill = fills.length === 0 ? null : Math.max(...fills.map((f) => f.event_time));
    const intervalVwap =
      decision === null || lastFill === null
        ? null
        : this.tape.vwap(decision.instrument_id, decision.decision_time, lastFill);
    const mid = quote === undefined ? null : (quote.bid_price + quote.ask_price) / 2;
    return { arrivalBid, arrivalAsk, intervalVwap, mid };
  }
}
