import type { GreeksReport, RiskMetrics } from '@cerberus/schema';
import { HttpProblem } from '@cerberus/web';
import { type Static, Type } from 'typebox';
import {
  Inputs,
  Quality,
  type QualityText,
  TimeOrNull,
  timeOrNull,
  worstQuality,
} from '../document/fields.ts';
import { RISK_METRICS_SCHEMA, riskMetricsDocument } from '../document/metrics-document.ts';
import { POSITION_SCHEMA, positionDocument } from '../document/position-document.ts';
import {
  agedInputs,
  currentQuality,
  GREEK_TOTALS_SCHEMA,
  POSITION_GREEKS_SCHEMA,
  positionGreeksDocument,
  totalsDocument,
  type Units,
} from '../document/risk-document.ts';
import { GATEWAY_ERRORS } from '../errors.ts';
import { GROUP_SCHEMA, GROUPINGS, type Grouping, groupGreeks } from '../model/greek-groups.ts';
import { metricLimits } from '../model/limit-usage.ts';
import {
  byMethod,
  METHODS,
  METRIC_CODES,
  type Method,
  selectedMetrics,
} from '../model/metric-selection.ts';
import { unknownAccount } from '../order-intake.ts';
import { type Api, answers, type RouteContext } from './route-context.ts';

const TAGS = ['risk'];
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }));

const POSITIONS_QUERY = Type.Object(
  {
    account_id: Text,
    asset_class: Type.Optional(Type.Enum(['equity', 'option', 'crypto', 'future'])),
    underlying: Text,
  },
  { additionalProperties: false },
);

export const GREEKS_QUERY = Type.Object(
  {
    position_id: Text,
    account_id: Text,
    underlying: Text,
    aggregate: Type.Optional(Type.Boolean({ default: false })),
    group_by: Type.Optional(Type.Enum([...GROUPINGS])),
    units: Type.Optional(Type.Enum(['library', 'trader'])),
  },
  { additionalProperties: false },
);

const GREEKS_ANSWER = Type.Object({
  positions: Type.Optional(Type.Array(POSITION_GREEKS_SCHEMA)),
  totals: Type.Optional(Type.Array(GREEK_TOTALS_SCHEMA)),
  groups: Type.Optional(Type.Array(GROUP_SCHEMA)),
  units: Type.String(),
  as_of: TimeOrNull,
  inputs: Inputs,
  quality: Quality,
});

const METRICS_QUERY = Type.Object(
  {
    metrics: Type.Optional(Type.Array(Type.Enum([...METRIC_CODES]), { maxItems: 32 })),
    horizon: Type.Optional(Type.Enum(['1d', '5d', '10d', '21d'])),
    method: Type.Optional(Type.Enum([...METHODS])),
    account_id: Text,
  },
  { additionalProperties: false },
);

export function positionRoutes(api: Api, { model, risk }: RouteContext): void {
  api.get(
    '/positions',
    {
      schema: {
        tags: TAGS,
        summary: 'Positions with their marks',
        querystring: POSITIONS_QUERY,
        response: answers(200, Type.Object({ items: Type.Array(POSITION_SCHEMA) })),
      },
    },
    (request) => {
      const { account_id, asset_class, underlying } = request.query;
      const reports = new Map(
        [...model.tables['risk.greeks'].values()].flatMap((report) =>
          report.positions.map(({ position_id }) => [position_id, report] as const),
        ),
      );
      const items = [...model.tables.position.values()]
        .filter((position) => account_id === undefined || position.account_id === account_id)
        .sort((a, b) => (a.position_id < b.position_id ? -1 : 1))
        .map((position) => positionDocument(position, reports.get(position.position_id), risk))
        .filter(
          (item) =>
            (asset_class === undefined || item['asset_class'] === asset_class) &&
            (underlying === undefined || item['underlying'] === underlying),
        );
      return { items };
    },
  );
}

/** `/greeks`, also mounted without the prefix. */
export function greekRoutes(api: Api, context: RouteContext): void {
  api.get(
    '/greeks',
    {
      schema: {
        tags: TAGS,
        summary: 'Greeks per position, or summed',
        querystring: GREEKS_QUERY,
        response: answers(200, GREEKS_ANSWER),
      },
    },
    (request) => greeksAnswer(request.query, context),
  );
}

function greeksAnswer(query: Static<typeof GREEKS_QUERY>, { model, risk }: RouteContext) {
  const units = (query.units ?? 'library') as Units;
  const reports = [...model.tables['risk.greeks'].values()]
    .filter(
      (report) =>
        (query.account_id === undefined || report.account_id === query.account_id) &&
        (query.underlying === undefined || report.underlying === query.underlying),
    )
    .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  const positions = reports.flatMap((report) =>
    report.positions
      .filter(
        ({ position_id }) => query.position_id === undefined || position_id === query.position_id,
      )
      .map((greeks) => positionGreeksDocument(report, greeks, risk, units)),
  );
  const provenance = { units, ...provenanceOf(reports, risk) };
  if (query.aggregate !== true && query.group_by === undefined) {
    const totals = reports.map((report) => totalsDocument(report, risk, units));
    return { positions, ...(query.position_id === undefined ? { totals } : {}), ...provenance };
  }
  const grouping = (query.group_by ?? 'all') as Grouping | 'all';
  const instrumentOf = (id: string) => risk.instrument(id);
  const nowUs = risk.nowUs();
  return { groups: groupGreeks(positions, { grouping, instrumentOf, nowUs }), ...provenance };
}

function keyOf(report: GreeksReport): string {
  return `${report.account_id}|${report.underlying}`;
}

/** Oldest time, oldest age of each input and worst quality of all that went in. */
function provenanceOf(reports: readonly GreeksReport[], risk: RouteContext['risk']) {
  const nowUs = risk.nowUs();
  const ages = new Map<string, number | null>();
  for (const report of reports) {
    for (const { name, age_ms } of agedInputs(report.inputs, report.as_of, nowUs)) {
      const known = ages.get(name);
      const isOlder = known === undefined || age_ms === null || (known !== null && age_ms > known);
      if (isOlder) ages.set(name, age_ms);
    }
  }
  const qualities: QualityText[] = reports.map((report) => currentQuality(report, risk));
  return {
    as_of: timeOrNull(reports.length === 0 ? null : Math.min(...reports.map(({ as_of }) => as_of))),
    inputs: [...ages].map(([name, age_ms]) => ({ name, age_ms })),
    quality: reports.length === 0 ? ('untrusted' as const) : worstQuality(qualities),
  };
}

export function metricRoutes(api: Api, context: RouteContext): void {
  const { model, risk } = context;
  api.get(
    '/risk-metrics',
    {
      schema: {
        tags: TAGS,
        summary: 'Value at risk, shortfall, sensitivities and concentration of an account',
        querystring: METRICS_QUERY,
        response: answers(200, RISK_METRICS_SCHEMA),
      },
    },
    (request) => {
      const { account_id, metrics, horizon, method } = request.query;
      const all = metricsOf(account_id, context);
      const report = method === undefined ? all : byMethod(all, method as Method);
      if (report === undefined) {
        throw new HttpProblem(GATEWAY_ERRORS.METHOD_UNAVAILABLE, {
          errors: [{ path: 'query.method', expected: all.method, received: String(method) }],
        });
      }
      return riskMetricsDocument(report, risk, {
        limits: metricLimits(report, model.tables['control.limit'].values()),
        wanted: selectedMetrics(metrics as string[] | undefined, horizon),
      });
    },
  );
}

function metricsOf(accountId: string | undefined, { model }: RouteContext): RiskMetrics {
  const table = model.tables['risk.metrics'];
  if (accountId !== undefined) {
    const report = table.get(accountId);
    if (report !== undefined) return report;
    if (!model.knowsAccount(accountId)) throw unknownAccount(accountId, model, 'query.account_id');
    throw new HttpProblem(GATEWAY_ERRORS.METRICS_UNKNOWN, {
      detail: `The risk engine has not reported on account ${accountId} yet.`,
    });
  }
  return onlyAccount({ model });
}

/** What is reported of the one account there is; where there are several, one must be named. */
export function onlyAccount({ model }: Pick<RouteContext, 'model'>): RiskMetrics {
  const [only, ...others] = [...model.tables['risk.metrics'].values()];
  if (only === undefined) throw new HttpProblem(GATEWAY_ERRORS.METRICS_UNKNOWN);
  if (others.length === 0) return only;
  const ids = [only, ...others].map(({ account_id }) => account_id).sort();
  throw new HttpProblem(GATEWAY_ERRORS.ACCOUNT_NEEDED, {
    errors: [
      { path: 'query.account_id', expected: `one of ${ids.join(', ')}`, received: 'nothing' },
    ],
  });
}
