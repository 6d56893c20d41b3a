import type { Socket } from 'node:net';
import type { Clock } from '@cerberus/core';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WEB_ERRORS } from '../errors.ts';
import type { KeyRing } from '../key-ring.ts';
import { isAllowedOrigin } from '../origin.ts';
import { HttpProblem } from '../problem.ts';
import { validationProblem } from '../request-validation.ts';
import { openEventSession } from './stream-events.ts';
import type { StreamHub } from './stream-hub.ts';
import { openSocketSession, SOCKET_MESSAGE_BYTES_MAX, SOCKET_PROTOCOL } from './stream-socket.ts';

export interface StreamRoutesOptions {
  readonly hub: StreamHub;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Origins besides the server's own from which a page may open streams. */
  readonly origins: readonly string[];
  readonly prefixes: readonly string[];
  /** Adds the authentication of the context. */
  secure(app: FastifyInstance): void;
}

/** "Try again later" of the registry of close codes. */
const FULL_CLOSE_CODE = 1013;
const REFUSED_SOCKET_MS = 5_000;

/**
 * Every stream of the hub as WebSocket and, for a plain GET, as Server-Sent Events. No compression:
 * it would cost memory per connection.
 */
export async function installStreams(
  app: FastifyInstance,
  options: StreamRoutesOptions,
): Promise<void> {
  // An upgrade that is refused or asked of another route leaves its socket to nobody; the timeout
  // ends it. A WebSocket that opens takes the timeout off again.
  app.server.prependListener('upgrade', (_request, socket: Socket) => {
    socket.setTimeout(REFUSED_SOCKET_MS, () => socket.destroy());
  });
  // First of all hooks: it marks the requests whose sockets are to be ended after a refusal.
  await app.register(websocket, {
    options: {
      maxPayload: SOCKET_MESSAGE_BYTES_MAX,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SOCKET_PROTOCOL) ? SOCKET_PROTOCOL : false),
    },
    errorHandler: (_error, socket) => socket.terminate(),
    // The hub closes its sockets with a reason of its own.
    preClose: (done) => {
      options.hub.stop();
      done();
    },
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { origin, host } = request.headers;
    done(isAllowedOrigin(origin, host, options.origins) ? undefined : originRefused(origin));
  });
  options.secure(app);
  for (const prefix of options.prefixes) {
    for (const name of options.hub.names) route(app, options, { name, url: `${prefix}/${name}` });
  }
}

function route(
  app: FastifyInstance,
  options: StreamRoutesOptions,
  { name, url }: { readonly name: string; readonly url: string },
): void {
  const { hub, keys, clock } = options;
  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    schema: {
      tags: ['streams'],
      summary: `Stream ${name}`,
      description:
        'Server-Sent Events, or a WebSocket whose first message is the subscription (the parameters below as JSON). First a snapshot, then updates whose seq grows by one.',
      querystring: hub.subscriptionSchema(name),
    },
    handler: (request, reply) => {
      const subscription = withLastEventId(request);
      if (!hub.admit(request.principal)) throw new HttpProblem(WEB_ERRORS.STREAMS_FULL);
      openEventSession(reply, sessionOf(request), subscription);
      return reply;
    },
    wsHandler: (socket, request) => {
      if (!hub.admit(request.principal)) {
        socket.close(FULL_CLOSE_CODE, WEB_ERRORS.STREAMS_FULL.title);
        return;
      }
      const query = request.query as object;
      const first = Object.keys(query).length > 0 ? query : undefined;
      openSocketSession(socket, sessionOf(request), first);
    },
  });

  function sessionOf(request: FastifyRequest) {
    return { hub, keys, clock, stream: name, principal: request.principal };
  }
}

function withLastEventId(request: FastifyRequest): object {
  const query = request.query as object;
  const given = request.headers['last-event-id'];
  if (given === undefined || 'last_seq' in query) return query;
  const seq = Number(given);
  if (Number.isSafeInteger(seq) && seq >= 0) return { ...query, last_seq: seq };
  throw validationProblem([
    { path: 'header.last-event-id', expected: 'seq of a message', received: String(given) },
  ]);
}

function originRefused(origin: string | undefined): HttpProblem {
  return new HttpProblem(WEB_ERRORS.ORIGIN_REFUSED, {
    detail: `Pages of ${String(origin).slice(0, 200)} may not open streams here.`,
  });
}
