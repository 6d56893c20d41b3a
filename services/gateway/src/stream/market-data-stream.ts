import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { quoteDocument } from '../document/control-document.ts';
import { namesInstrument, symbolOf } from '../document/order-document.ts';
import type { Ladder } from '../model/book-board.ts';
import type { RouteContext } from '../route/route-context.ts';
import { DirtyFeed } from './dirty-feed.ts';

const SELECTION = Type.Object({
  symbols: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 96 }), { maxItems: 200 }),
  ),
});
type Selection = Static<typeof SELECTION>;

/** Newest quotes and books; a change of a feed's trust is a change of its quote. */
export function marketDataStream({ model, risk }: RouteContext): StreamSource<Selection> {
  const status = model.tables['md.status'];
  const document = (ids: Iterable<string>) => {
    const quotes: object[] = [];
    const books: Record<string, Ladder> = {};
    for (const id of ids) {
      const quote = model.quotes.get(id);
      if (quote !== undefined) {
        const age = { ms: model.quotes.ageMs(quote), staleAfterMs: risk.staleAfterMs };
        quotes.push(quoteDocument(quote, age, status.get(id)));
      }
      const ladder = model.books.get(id);
      if (ladder !== undefined) books[symbolOf(id)] = ladder;
    }
    return { quotes, books };
  };
  return {
    name: 'market-data',
    delivery: 'conflate',
    selection: SELECTION,
    channelKey: ({ symbols }) => (symbols === undefined ? '' : [...symbols].sort().join(' ')),
    open: ({ symbols }) => {
      const wanted = (id: string) =>
        symbols === undefined || symbols.some((symbol) => namesInstrument(symbol, id));
      return new DirtyFeed({
        listen: (changed) => {
          const stops = [model.quotes, model.books, status].map((source) =>
            source.onChange((id: string) => {
              if (wanted(id)) changed(id);
            }),
          );
          return () => {
            for (const stop of stops) stop();
          };
        },
        snapshot: () =>
          document(new Set([...model.quotes.ids(), ...model.books.ids()].filter(wanted))),
        updates: (ids) => [{ type: 'market_data', data: document(ids) }],
      });
    },
  };
}
