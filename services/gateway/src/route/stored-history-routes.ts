import type { SeriesInterval } from '@cerberus/store';
import { PAGE_LIMIT_DEFAULT, PAGE_QUERY } from '@cerberus/web';
import { Type } from 'typebox';
import { timeOrNull, timeText } from '../document/fields.ts';
import {
  BAR_HISTORY_PAGE,
  barPointDocument,
  barUnits,
  INTERVALS,
  RISK_HISTORY_PAGE,
  RISK_UNITS,
  riskPointDocument,
} from '../document/history-document.ts';
import { readTimeRange, type TimeRange } from '../model/time-range.ts';
import { unknownAccount } from '../order-intake.ts';
import { coveredUntilUs, type HistoryPage, HistoryStore } from '../store/history-store.ts';
import { onlyAccount } from './risk-routes.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

const Moment = Type.Optional(
  Type.String({ maxLength: 40, description: 'ISO 8601 time with its offset, or a day in UTC' }),
);
const RANGE_QUERY = {
  from: Moment,
  to: Moment,
  interval: Type.Optional(Type.Enum([...INTERVALS], { default: '1m' })),
  ...PAGE_QUERY,
};
const RISK_QUERY = Type.Object(
  { account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })), ...RANGE_QUERY },
  { additionalProperties: false },
);
const BAR_QUERY = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 96 }),
    venue: Type.Optional(Type.String({ minLength: 1, maxLength: 24 })),
    ...RANGE_QUERY,
  },
  { additionalProperties: false },
);

/** History as the reporting service keeps it; unlike the last hour, it outlives cache and broker. */
export function storedHistoryRoutes(api: Api, context: RouteContext): void {
  const history = new HistoryStore(context.gateway.store);
  riskHistoryRoute(api, context, history);
  barHistoryRoute(api, context, history);
}

function riskHistoryRoute(api: Api, context: RouteContext, history: HistoryStore): void {
  const { model, risk } = context;
  api.get(
    '/history/risk-metrics',
    {
      schema: {
        tags: ['risk'],
        summary: 'Stored risk figures of an account, as published or rolled up, from old to new',
        querystring: RISK_QUERY,
        response: answers(200, RISK_HISTORY_PAGE),
      },
    },
    async (request) => {
      const { account_id, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
      const interval = (request.query.interval ?? '1m') as SeriesInterval;
      const accountId = account_id ?? onlyAccount(context).account_id;
      const nowUs = risk.nowUs();
      const range = readTimeRange(request.query, interval, nowUs);
      const page = await history.read(history.riskMetrics, {
        ...{ ...range, interval, limit, cursor, key: { account_id: accountId } },
      });
      // An account that is no more may have a history; one that never was has none.
      if (page.points.length === 0 && !model.knowsAccount(accountId)) {
        const hasMetrics = model.tables['risk.metrics'].get(accountId) !== undefined;
        if (!hasMetrics) throw unknownAccount(accountId, model, 'query.account_id');
      }
      return {
        account_id: accountId,
        ...rangeDocument(range, interval),
        units: RISK_UNITS,
        items: page.points.map((point) => riskPointDocument(point, interval, nowUs)),
        ...endOf(page, interval, nowUs),
      };
    },
  );
}

function barHistoryRoute(api: Api, context: RouteContext, history: HistoryStore): void {
  const { model, risk, catalogue } = context;
  api.get(
    '/history/bars',
    {
      schema: {
        tags: ['risk'],
        summary:
          'Stored bars of an instrument, from old to new: raw as published, those of a venue included, or of the minute, hour or day from the trades that the platform saw',
        querystring: BAR_QUERY,
        response: answers(200, BAR_HISTORY_PAGE),
      },
    },
    async (request) => {
      const { symbol, venue, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
      const interval = (request.query.interval ?? '1m') as SeriesInterval;
      const resolved = model.instruments.resolve(symbol, venue);
      if (!resolved.ok) throw catalogue.problemOf(resolved.error, 'query.symbol');
      const instrument = resolved.value;
      const nowUs = risk.nowUs();
      const range = readTimeRange(request.query, interval, nowUs);
      const { instrument_id } = instrument;
      const page = await history.read(history.bars, {
        ...{ ...range, limit, cursor },
        // Bars of a minute are what is published; longer ones are made of them.
        interval: interval === '1m' ? 'raw' : interval,
        key: interval === 'raw' ? { instrument_id } : { instrument_id, bar_interval: '1m' },
      });
      return {
        ...{ instrument_id, symbol: instrument.symbol },
        ...rangeDocument(range, interval),
        units: barUnits(instrument),
        items: page.points.map((point) => barPointDocument(point, interval, nowUs)),
        ...endOf(page, interval, nowUs),
      };
    },
  );
}

function rangeDocument({ fromUs, toUs }: TimeRange, interval: SeriesInterval) {
  return { interval, from: timeText(fromUs), to: timeText(toUs) };
}

function endOf({ points, nextCursor }: HistoryPage, interval: SeriesInterval, nowUs: number) {
  const last = points.at(-1);
  const asOf = last === undefined ? null : coveredUntilUs(last, interval, nowUs);
  return { as_of: timeOrNull(asOf), next_cursor: nextCursor };
}
