import type { StreamSource } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import { fillDocument, orderDocument } from '../document/order-document.ts';
import type { RouteContext } from '../route/route-context.ts';

const SELECTION = Type.Object({
  account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});
type Selection = Static<typeof SELECTION>;

/** Orders and fills in a snapshot. */
const SNAPSHOT_MAX = 200;

/** Every step of every order, and every fill. */
export function orderStream({ model }: RouteContext): StreamSource<Selection> {
  const { orders } = model;
  return {
    name: 'orders',
    delivery: 'every',
    selection: SELECTION,
    channelKey: ({ account_id }) => account_id ?? '*',
    open: ({ account_id }, publish) => {
      const isChosen = (id: string) => account_id === undefined || id === account_id;
      const stop = orders.onChange((change) => {
        const { entry } = change;
        if (!isChosen(entry.accountId)) return;
        if (change.kind === 'fill') {
          publish({ type: 'fill', data: { fill: fillDocument(change.fill) } });
          return;
        }
        const order = orderDocument(entry);
        if (order !== undefined) publish({ type: 'order', data: { order, event: change.kind } });
      });
      return {
        snapshot: () => ({
          orders: orders
            .newest()
            .filter((entry) => isChosen(entry.accountId))
            .slice(0, SNAPSHOT_MAX)
            .flatMap((entry) => orderDocument(entry) ?? []),
          fills: orders
            .newestFills()
            .filter(({ message }) => isChosen(message.account_id))
            .slice(0, SNAPSHOT_MAX)
            .map(fillDocument),
        }),
        drain: () => [],
        close: stop,
      };
    },
  };
}
