import {
  type Reached,
  RISK_COURSE_FIGURES,
  RISK_COURSE_MAX,
  RiskCourse,
  type RiskPoint,
  reached,
} from '@cerberus/cache';
import { finiteOrNull } from '@cerberus/web';
import { Type } from 'typebox';
import { Measure, Quality, qualityText, TextOrNull, Time, timeText } from '../document/fields.ts';
import { unknownAccount } from '../order-intake.ts';
import { onlyAccount } from './risk-routes.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

const HISTORY_QUERY = Type.Object(
  {
    account_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: RISK_COURSE_MAX, default: 900 })),
  },
  { additionalProperties: false },
);

export const RISK_HISTORY_SCHEMA = Type.Object({
  account_id: Type.String(),
  items: Type.Array(
    Type.Object({
      as_of: Time,
      quality: Quality,
      ...Object.fromEntries(RISK_COURSE_FIGURES.map((name) => [name, Measure])),
    }),
    { description: 'Newest first, one a second at most; a figure not known then is null' },
  ),
  reason: Type.Unsafe<string | null>({
    ...TextOrNull,
    description: 'Why there are no items; null where there are some',
  }),
});

export function riskHistoryRoutes(api: Api, context: RouteContext): void {
  api.get(
    '/risk-metrics/history',
    {
      schema: {
        tags: ['risk'],
        summary: 'Course of the risk figures of an account over the last hour, from the cache',
        querystring: HISTORY_QUERY,
        response: answers(200, RISK_HISTORY_SCHEMA),
      },
    },
    async (request) => {
      const accountId = accountOf(request.query.account_id, context);
      const points = await recentPoints(accountId, request.query.limit ?? 900, context);
      const items = points.isReached ? points.value.map(pointDocument) : [];
      return { account_id: accountId, items, reason: reasonOf(points) };
    },
  );
}

function accountOf(accountId: string | undefined, context: RouteContext): string {
  const { model } = context;
  if (accountId === undefined) return onlyAccount(context).account_id;
  const isKnown = model.tables['risk.metrics'].get(accountId) !== undefined;
  if (isKnown || model.knowsAccount(accountId)) return accountId;
  throw unknownAccount(accountId, model, 'query.account_id');
}

async function recentPoints(
  accountId: string,
  count: number,
  { gateway: { cache } }: RouteContext,
): Promise<Reached<RiskPoint[]>> {
  if (cache === undefined) return { isReached: false, reason: 'this gateway has no cache' };
  return reached(new RiskCourse(cache).recent(accountId, count));
}

function reasonOf(points: Reached<RiskPoint[]>): string | null {
  // Why is for those who run it, and in its readiness; where it is, too.
  if (!points.isReached) return 'the cache does not answer';
  return points.value.length === 0 ? 'the cache holds none of this account yet' : null;
}

function pointDocument({ as_of, quality, values }: RiskPoint): Record<string, unknown> {
  const figures = RISK_COURSE_FIGURES.map((name) => [name, finiteOrNull(values[name])]);
  return {
    as_of: timeText(as_of),
    quality: qualityText(quality),
    ...Object.fromEntries(figures),
  };
}
