import type { HttpRoute, HttpRouteReply, HttpRouteRequest } from '@cerberus/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayContext } from '../ports.ts';

/** Answers framework-free routes of the host and of other services. */
export function mountRoute(app: FastifyInstance, route: HttpRoute, right?: string): void {
  app.route({
    method: route.method,
    url: route.path,
    schema: { hide: true } as object,
    ...(right === undefined ? {} : { config: { right } }),
    handler: async (request, reply) => send(reply, await route.handle(routeRequest(request))),
  });
}

function routeRequest(request: FastifyRequest): HttpRouteRequest {
  return {
    params: request.params as Record<string, string>,
    query: request.query as Record<string, string>,
    body: request.body,
  };
}

function send(reply: FastifyReply, { status, body, contentType }: HttpRouteReply): FastifyReply {
  reply.code(status).type(contentType ?? 'application/json; charset=utf-8');
  return reply.serializer(typeof body === 'string' ? String : (JSON.stringify as never)).send(body);
}

/** `/health`, `/ready` and `/metrics` of a gateway whose host mounts none of its own. */
export function ownRoutes(
  context: GatewayContext,
  ready: () => { readonly ready: boolean },
): readonly HttpRoute[] {
  return [
    { method: 'GET', path: '/health', handle: () => ({ status: 200, body: { status: 'ok' } }) },
    {
      method: 'GET',
      path: '/ready',
      handle: () => {
        const state = ready();
        return { status: state.ready ? 200 : 503, body: state };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        status: 200,
        body: await context.metrics.render(),
        contentType: context.metrics.contentType,
      }),
    },
  ];
}
