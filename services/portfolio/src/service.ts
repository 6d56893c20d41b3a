import { type Bus, PartitionedProcessor, TableView } from '@cerberus/bus';
import { defineService, type HostContext, readinessOf } from '@cerberus/runtime';
import type { Codecs } from '@cerberus/schema';
import { type Static, Type } from 'typebox';
import { AccountBooks } from './account-books.ts';
import { BOOK_SERIALIZER, type BookEntry } from './book-entry.ts';
import { OpeningWriter, readOpeningFile } from './opening-file.ts';

export interface PortfolioPorts {
  readonly bus: Bus;
  readonly codecs: Codecs;
}

/** The fills of an order come in quick succession. */
const BOOKING_WAIT_MS = 150;

const PORTFOLIO_SECTION = Type.Object(
  {
    openingPositions: Type.String({
      default: '',
      description: 'CSV file of start-up positions and cash; empty for none',
    }),
    retryWaitingMs: Type.Integer({
      default: 250,
      minimum: 10,
      maximum: 60_000,
      description: 'How often records are tried again that came before their instrument',
    }),
  },
  { description: 'Positions, cash and realised P&L of accounts.' },
);

export type PortfolioConfig = Static<typeof PORTFOLIO_SECTION>;

/** fill, position.adjustment → position, account. */
export const portfolio = defineService<typeof PORTFOLIO_SECTION, PortfolioPorts>({
  name: 'portfolio',
  config: PORTFOLIO_SECTION,
  create: async (context) => {
    const { bus, codecs, config, clock } = context;
    const file = config.openingPositions;
    // Before anything starts: a bad file is a refusal to start, not half a book.
    const opening = file === '' ? undefined : readOpeningFile(file, clock.nowUs());
    const instruments = new TableView({ bus, codecs, host: context, topic: 'ref.instrument' });
    await instruments.start();
    const processor = createProcessor(context, config, instruments);
    await processor.start();
    if (opening !== undefined) {
      await instruments.caughtUp;
      const report = await new OpeningWriter(context, context, instruments).write(opening);
      context.log.info({ file, ...report }, 'opening positions');
    }
    return {
      ready: () => readinessOf({ instruments: instruments.ready(), processor: processor.ready() }),
      stop: async () => {
        await processor.stop();
        await instruments.stop();
      },
    };
  },
});

function createProcessor(
  host: HostContext & PortfolioPorts,
  config: PortfolioConfig,
  instruments: TableView<'ref.instrument'>,
): PartitionedProcessor<'fill' | 'position.adjustment', BookEntry> {
  const { bus, codecs, metrics } = host;
  const books = new AccountBooks(instruments);
  const records = metrics.counter('portfolio_records_total', 'Fills and adjustments by outcome', [
    'topic',
    'outcome',
  ]);
  const waiting = metrics.gauge(
    'portfolio_waiting_records',
    'Fills and adjustments whose instrument is not known',
    ['partition'],
  );
  return new PartitionedProcessor({
    ...{ service: 'portfolio', bus, codecs, host },
    inputs: ['fill', 'position.adjustment'] as const,
    state: { topic: 'portfolio.state', serializer: BOOK_SERIALIZER },
    tables: [instruments],
    patience: { ms: BOOKING_WAIT_MS, topics: ['fill'] },
    handle(input, context) {
      const outcome =
        input.topic === 'fill'
          ? books.bookFill(input.message, context)
          : books.bookAdjustment(input.message, context);
      records.inc({ topic: input.topic, outcome });
    },
    tick: {
      everyMs: config.retryWaitingMs,
      run: (context) => waiting.set(books.retryWaiting(context), { partition: context.partition }),
    },
  });
}
