import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BUS_ERRORS } from '@cerberus/bus';
import { DECIMAL_ERRORS } from '@cerberus/core';
import { LIMITS_ERRORS } from '@cerberus/limits';
import { MODEL_ERRORS } from '@cerberus/model';
import { STORE_ERRORS } from '@cerberus/store';
import {
  allowOrigins,
  collectOpenApi,
  createServer,
  installApiHeaders,
  installAuthentication,
  installDocs,
  installSite,
  installStreams,
  isLoopbackAddress,
  type KeyRing,
  ProblemCatalogue,
  RateLimit,
  StreamHub,
  type StreamSource,
} from '@cerberus/web';
import type { FastifyInstance } from 'fastify';
import { GATEWAY_ERRORS } from './errors.ts';
import { alertRoutes } from './route/alert-routes.ts';
import { checkRoutes } from './route/check-routes.ts';
import { controlRoutes, killRoutes, referenceRoutes } from './route/control-routes.ts';
import { mountRoute, ownRoutes } from './route/mounted-routes.ts';
import { orderRoutes } from './route/order-routes.ts';
import { riskHistoryRoutes } from './route/risk-history-routes.ts';
import { greekRoutes, metricRoutes, positionRoutes } from './route/risk-routes.ts';
import type { Api, RouteContext } from './route/route-context.ts';
import { storedHistoryRoutes } from './route/stored-history-routes.ts';
import { alertStream } from './stream/alert-stream.ts';
import { greeksStream } from './stream/greeks-stream.ts';
import { marketDataStream } from './stream/market-data-stream.ts';
import { orderStream } from './stream/order-stream.ts';
import { riskMetricsStream } from './stream/risk-metrics-stream.ts';

/** Where the build of the dashboard lies in this repository. */
const DASHBOARD_BUILD = join(import.meta.dirname, '../../dashboard/dist');

export const API_BASE = '/api/v1/risk';

/** Every code that may reach a client. */
export function problemCatalogue(): ProblemCatalogue {
  return new ProblemCatalogue(
    GATEWAY_ERRORS,
    MODEL_ERRORS,
    LIMITS_ERRORS,
    DECIMAL_ERRORS,
    BUS_ERRORS,
    STORE_ERRORS,
  );
}

export interface ServerParts {
  readonly routes: RouteContext;
  readonly keys: KeyRing;
  /** Handed to the dashboard where it is served on loopback. */
  readonly firstKey: string | undefined;
}

/** The whole HTTP surface, each part in a context of its own, not yet listening. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { routes, keys } = parts;
  const { gateway, model, catalogue } = routes;
  const { clock, config } = gateway;
  const app = createServer({
    ids: gateway.ids,
    catalogue,
    onServerError: (error, request) =>
      gateway.log.error({ err: error, requestId: request.id, url: request.url }, 'request failed'),
  });
  await collectOpenApi(app, DESCRIPTION);
  const limit = new RateLimit({
    perSecond: config.requestsPerSecond,
    burst: config.requestBurst,
    clock,
  });
  const secure = (api: FastifyInstance) =>
    installAuthentication(api, keys, ({ keyId }) => limit.refusal(keyId));

  await app.register((api) => checkContext(api, parts));
  await app.register(async (api) => {
    installApiHeaders(api);
    await allowOrigins(api, config.origins);
    secure(api);
    await api.register(async (based) => readsAndWrites(based as unknown as Api, routes), {
      prefix: API_BASE,
    });
    greekRoutes(api as unknown as Api, routes);
    for (const route of gateway.routes?.keyed ?? []) {
      const path = `${API_BASE}${route.path}`;
      mountRoute(api, { ...route, path }, route.method === 'GET' ? 'read' : 'control');
    }
  });
  await app.register((api) => streams(api, parts, secure));
  await app.register(async (open) => {
    installApiHeaders(open);
    const ready = () => model.ready();
    for (const route of gateway.routes?.open ?? ownRoutes(gateway, ready)) mountRoute(open, route);
  });
  await app.register(installDocs);
  await dashboard(app, parts);
  return app;
}

/** Nothing that costs time but authentication and a token: no CORS, no security headers, no log. */
async function checkContext(api: FastifyInstance, { routes, keys }: ServerParts): Promise<void> {
  const { clock, config } = routes.gateway;
  const perSecond = config.checksPerSecond;
  const limit = new RateLimit({ perSecond, burst: Math.max(1, perSecond), clock });
  installAuthentication(api, keys, ({ keyId }) => limit.refusal(keyId));
  checkRoutes(api as unknown as Api, routes, ['/pre-trade-check', `${API_BASE}/pre-trade-check`]);
}

function readsAndWrites(api: Api, routes: RouteContext): void {
  positionRoutes(api, routes);
  greekRoutes(api, routes);
  metricRoutes(api, routes);
  riskHistoryRoutes(api, routes);
  storedHistoryRoutes(api, routes);
  orderRoutes(api, routes);
  alertRoutes(api, routes);
  controlRoutes(api, routes);
  killRoutes(api, routes);
  referenceRoutes(api, routes);
}

async function streams(
  api: FastifyInstance,
  { routes, keys }: ServerParts,
  secure: (api: FastifyInstance) => void,
): Promise<void> {
  const { clock, metrics, config } = routes.gateway;
  const sources = [
    marketDataStream(routes),
    greeksStream(routes),
    riskMetricsStream(routes),
    orderStream(routes),
    alertStream(routes),
  ] as unknown as StreamSource<never>[];
  await installStreams(api, {
    hub: new StreamHub({ sources, clock, metrics }),
    keys,
    clock,
    origins: config.origins,
    prefixes: ['/stream', `${API_BASE}/stream`],
    secure,
  });
}

async function dashboard(app: FastifyInstance, { routes, firstKey }: ServerParts): Promise<void> {
  const { config, log } = routes.gateway;
  const folder = config.dashboardDir ?? DASHBOARD_BUILD;
  if (!existsSync(join(folder, 'index.html'))) {
    log.warn({ folder }, 'no dashboard: its folder has no index.html');
    return;
  }
  const isLocal = config.host === 'localhost' || isLoopbackAddress(config.host);
  await app.register((site) =>
    installSite(site, { folder, loopbackKey: isLocal ? firstKey : undefined }),
  );
}

const DESCRIPTION = {
  title: 'Cerberus',
  version: '1',
  description:
    'Live option risk, an order gate and one elected order emitter. Amounts of orders, fills, positions and cash are decimal strings; analytics are numbers, null with a reason where they cannot be given. Times are ISO 8601 UTC with microseconds.',
  tags: [
    { name: 'orders', description: 'Checks, orders, fills and execution reports' },
    { name: 'risk', description: 'Positions, Greeks and risk figures' },
    { name: 'control', description: 'Limits, kill switches and leadership' },
    { name: 'alerts', description: 'Alerts' },
    { name: 'reference', description: 'Instruments' },
    { name: 'streams', description: 'WebSocket and Server-Sent Events' },
  ],
};
