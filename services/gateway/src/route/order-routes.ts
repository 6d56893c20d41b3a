import {
  decodeCursor,
  encodeCursor,
  HANDLER_TIMEOUT_MS,
  ORDER_BODY_LIMIT_BYTES,
  PAGE_LIMIT_DEFAULT,
  PAGE_QUERY,
} from '@cerberus/web';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { DECISION_SCHEMA } from '../document/decision-document.ts';
import { page } from '../document/fields.ts';
import { JOURNEY_SCHEMA, journeyDocument } from '../document/journey-document.ts';
import {
  FILL_SCHEMA,
  fillDocument,
  namesInstrument,
  ORDER_SCHEMA,
  orderDocument,
} from '../document/order-document.ts';
import { REPORT_SCHEMA, reportDocument } from '../document/report-document.ts';
import { findOrder } from '../model/order-archive.ts';
import { type OrderEntry, statusOf } from '../model/order-history.ts';
import { type Asker, unknownOrder } from '../order-commands.ts';
import { ORDER_INPUT_SCHEMA, readOrder } from '../order-intake.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

const TAGS = ['orders'];
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));
const LIST_QUERY = Type.Object(
  { ...PAGE_QUERY, account_id: Text, symbol: Text, status: Text },
  { additionalProperties: false },
);
const FILL_QUERY = Type.Object(
  { ...PAGE_QUERY, account_id: Text, symbol: Text, order_id: Text },
  { additionalProperties: false },
);
const ACCEPTED = Type.Object({
  order_id: Type.String(),
  status: Type.String(),
  decision: Type.Optional(Type.Unsafe({ anyOf: [DECISION_SCHEMA, { type: 'null' }] })),
});
const ORDER_BODY = Type.Object({ order: ORDER_INPUT_SCHEMA }, { additionalProperties: false });

export function orderRoutes(api: Api, context: RouteContext): void {
  orderList(api, context);
  fillList(api, context);
  reportList(api, context);
  detailRoutes(api, context);
  commandRoutes(api, context);
}

function orderList(api: Api, { model }: RouteContext): void {
  api.get(
    '/orders',
    {
      schema: {
        tags: TAGS,
        summary: 'Orders, newest first',
        querystring: LIST_QUERY,
        response: answers(200, page(ORDER_SCHEMA)),
      },
    },
    (request) => {
      const { account_id, symbol, status, limit, cursor } = request.query;
      const entries = model.orders
        .newest()
        .filter(
          (entry) =>
            (account_id === undefined || entry.accountId === account_id) &&
            (symbol === undefined || namesInstrument(symbol, entry.instrumentId)) &&
            (status === undefined || statusOf(entry) === status.toUpperCase()),
        );
      const keyed = entries.map((entry) => ({ at: entry.createdUs, id: entry.orderId, entry }));
      const { chosen, next } = pageOf(keyed, { limit, cursor });
      return {
        items: chosen.map(({ entry }) => orderDocument(entry)).filter((each) => each !== undefined),
        next_cursor: next,
      };
    },
  );
}

function fillList(api: Api, { model }: RouteContext): void {
  api.get(
    '/executions',
    {
      schema: {
        tags: TAGS,
        summary: 'Fills, newest first',
        querystring: FILL_QUERY,
        response: answers(200, page(FILL_SCHEMA)),
      },
    },
    (request) => {
      const { account_id, symbol, order_id, limit, cursor } = request.query;
      const keyed = model.orders
        .newestFills()
        .filter(
          ({ message: fill }) =>
            (account_id === undefined || fill.account_id === account_id) &&
            (symbol === undefined || namesInstrument(symbol, fill.instrument_id)) &&
            (order_id === undefined || fill.order_id === order_id),
        )
        .map((fill) => ({ at: fill.message.event_time, id: fill.message.fill_id, fill }));
      const { chosen, next } = pageOf(keyed, { limit, cursor });
      return { items: chosen.map(({ fill }) => fillDocument(fill)), next_cursor: next };
    },
  );
}

function reportList(api: Api, { model }: RouteContext): void {
  api.get(
    '/tca',
    {
      schema: {
        tags: TAGS,
        summary: 'Execution reports, newest first',
        querystring: FILL_QUERY,
        response: answers(200, page(REPORT_SCHEMA)),
      },
    },
    (request) => {
      const { account_id, symbol, order_id, limit, cursor } = request.query;
      const table = model.tables['tca.report'];
      const one = order_id === undefined ? undefined : table.get(order_id);
      const reports = order_id === undefined ? [...table.values()] : one === undefined ? [] : [one];
      const keyed = reports
        .filter(
          (report) =>
            (account_id === undefined || report.account_id === account_id) &&
            (symbol === undefined || namesInstrument(symbol, report.instrument_id)),
        )
        .map((report) => ({ at: report.as_of, id: report.order_id, report }))
        .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const { chosen, next } = pageOf(keyed, { limit, cursor });
      return { items: chosen.map(({ report }) => reportDocument(report)), next_cursor: next };
    },
  );
}

function detailRoutes(api: Api, context: RouteContext): void {
  const { model } = context;
  const entryOf = async (id: string): Promise<OrderEntry> => {
    const entry = await findOrder(context.gateway, model.orders, id).catch((error: unknown) => {
      // A part of the order is an answer too, where the log does not give the whole in time.
      const known = model.orders.get(id);
      if (known === undefined) throw error;
      return known;
    });
    if (entry === undefined) throw unknownOrder(id);
    return entry;
  };
  api.get(
    '/orders/:id',
    {
      handlerTimeout: HANDLER_TIMEOUT_MS,
      schema: {
        tags: TAGS,
        summary: 'One order',
        params: ID,
        response: answers(200, ORDER_SCHEMA),
      },
    },
    async (request) =>
      orderDocument(await entryOf(request.params.id)) ?? missing(request.params.id),
  );
  api.get(
    '/orders/:id/journey',
    {
      handlerTimeout: HANDLER_TIMEOUT_MS,
      schema: {
        tags: TAGS,
        summary: 'The way of an order: request, decision, venue, fills, position, Greeks, report',
        params: ID,
        response: answers(200, JOURNEY_SCHEMA),
      },
    },
    async (request) => {
      const entry = await entryOf(request.params.id);
      return journeyDocument(entry, model.journeys.get(entry.orderId));
    },
  );
}

function missing(id: string): never {
  throw unknownOrder(id);
}

function commandRoutes(api: Api, { model, commands, writes, catalogue }: RouteContext): void {
  const intake = {
    instruments: model.instruments,
    catalogue,
    knowsAccount: (id: string) => model.knowsAccount(id),
    accountIds: () => model.accountIds(),
  };
  api.route({
    method: 'POST',
    url: '/orders',
    bodyLimit: ORDER_BODY_LIMIT_BYTES,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    config: { right: 'trade' },
    preValidation: async (request) => {
      request.body = wrapped(request.body) as Static<typeof ORDER_BODY>; // The schema judges it next.
    },
    schema: {
      tags: TAGS,
      summary: 'Send an order',
      description:
        'Waits for the gate: 202 when approved or still pending, 422 when blocked. The order may also be the body itself.',
      body: ORDER_BODY,
      response: answers(202, ACCEPTED),
    },
    handler: writes.handler(async (request, idempotencyKey) => {
      const { order } = request.body as Static<typeof ORDER_BODY>;
      return commands.submit(readOrder(order, intake), askerOf(request, idempotencyKey));
    }),
  });
  api.route({
    method: 'DELETE',
    url: '/orders/:id',
    bodyLimit: ORDER_BODY_LIMIT_BYTES,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    config: { right: 'trade' },
    schema: {
      tags: TAGS,
      summary: 'Cancel an order',
      params: ID,
      response: answers(202, ACCEPTED),
    },
    handler: writes.handler(async (request, idempotencyKey) => {
      const { id } = request.params as Static<typeof ID>;
      return commands.cancel(id, askerOf(request, idempotencyKey));
    }),
  });
}

/** An order sent without its envelope is the same order. */
function wrapped(body: unknown): unknown {
  const bare = typeof body === 'object' && body !== null && !('order' in body) && 'symbol' in body;
  return bare ? { order: body } : body;
}

export function askerOf(request: FastifyRequest, idempotencyKey: string | undefined): Asker {
  const { traceparent } = request.headers;
  return {
    principal: request.principal,
    idempotencyKey,
    headers: typeof traceparent === 'string' ? { traceparent } : {},
  };
}

/** The items after the cursor, which names the last item of the page before. */
function pageOf<Item extends { readonly at: number; readonly id: string }>(
  items: readonly Item[],
  {
    limit = PAGE_LIMIT_DEFAULT,
    cursor,
  }: { limit?: number | undefined; cursor?: string | undefined },
): { chosen: Item[]; next: string | null } {
  let start = 0;
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(cursor, 2) as [number, string];
    const found = items.findIndex((item) => item.at < at || (item.at === at && item.id < id));
    start = found < 0 ? items.length : found;
  }
  const chosen = items.slice(start, start + limit);
  const last = chosen.at(-1);
  const isMore = start + limit < items.length;
  return { chosen, next: isMore && last !== undefined ? encodeCursor([last.at, last.id]) : null };
}
