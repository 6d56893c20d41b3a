import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { quoteDocument } from '../document/control-document.ts';
import { namesInstrument } from '../document/order-document.ts';
import type { RouteContext } from '../route/route-context.ts';
import { DirtyFeed } from './dirty-feed.ts';

const SELECTION = Type.Object({
  symbols: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 96 }), { maxItems: 200 }),
  ),
});
type Selection = Static<typeof SELECTION>;

/** Newest quotes; a change of a feed's trust is a change of its quote. */
export function marketDataStream({ model }: RouteContext): StreamSource<Selection> {
  return {
    name: 'market-data',
    delivery: 'conflate',
    selection: SELECTION,
    channelKey: ({ symbols }) => (symbols === undefined ? '' : [...symbols].sort().join(' ')),
    open: ({ symbols }) => {
      const wanted = (id: string) =>
        symbols === undefined || symbols.some((symbol) => namesInstrument(symbol, id));
      const quotes = (ids: readonly string[]) =>
        ids.filter(wanted).flatMap((id) => {
          const quote = model.quotes.get(id);
          if (quote === undefined) return [];
          return [
            quoteDocument(quote, model.quotes.ageMs(quote), model.tables['md.status'].get(id)),
          ];
        });
      return new DirtyFeed({
        listen: (changed) => {
          const stopQuotes = model.quotes.onChange((id) => {
            if (wanted(id)) changed(id);
          });
          const stopStatus = model.tables['md.status'].onChange((id) => {
            if (wanted(id)) changed(id);
          });
          return () => {
            stopQuotes();
            stopStatus();
          };
        },
        snapshot: () => ({ quotes: quotes(model.quotes.ids()) }),
        updates: (ids) => {
          const changed = quotes(ids);
          return changed.length === 0 ? [] : [{ type: 'market_data', data: { quotes: changed } }];
        },
      });
    },
  };
}
