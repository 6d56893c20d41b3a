import type { IdSource } from '@cerberus/core';
import { type FastifyInstance, fastify } from 'fastify';
import { installProblems, type ProblemOptions } from './problem.ts';
import { compileValidator } from './request-validation.ts';

export interface ServerOptions extends ProblemOptions {
  readonly ids: IdSource;
  readonly timeouts?: Partial<ServerTimeouts>;
}

/** Fastify's own defaults are no limit at all for the first three. */
export interface ServerTimeouts {
  /** A connection on which nothing moves. */
  readonly connectionMs: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** An idle connection kept for the next request. */
  readonly keepAliveMs: number;
}

export const SERVER_TIMEOUTS: ServerTimeouts = {
  connectionMs: 60_000,
  requestMs: 15_000,
  headersMs: 10_000,
  keepAliveMs: 65_000,
};

/** A handler that has not answered by then gets a 503; given to each route that waits for something. */
export const HANDLER_TIMEOUT_MS = 10_000;
/** Largest body of a route that says nothing. */
export const BODY_LIMIT_BYTES = 64 * 1024;
/** Orders and checks are small; a larger body is not one. */
export const ORDER_BODY_LIMIT_BYTES = 16 * 1024;
const HEADER_LIMIT_BYTES = 16 * 1024;
const PARAMETER_LENGTH_MAX = 200;

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** A server without routes: bounded in every dimension, errors as problem documents, no request log. */
export function createServer(options: ServerOptions): FastifyInstance {
  const timeouts = { ...SERVER_TIMEOUTS, ...options.timeouts };
  // One id of this server, then a count: as unique as an id of its own, and cheap under load.
  const serverId = options.ids.next();
  let requests = 0;
  const app = fastify({
    logger: false,
    trustProxy: false,
    bodyLimit: BODY_LIMIT_BYTES,
    connectionTimeout: timeouts.connectionMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    http: { maxHeaderSize: HEADER_LIMIT_BYTES, headersTimeout: timeouts.headersMs },
    genReqId: (raw) => {
      const given = raw.headers['x-request-id'];
      if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
      requests += 1;
      return `${serverId}-${requests}`;
    },
  });
  app.setValidatorCompiler(compileValidator as Parameters<typeof app.setValidatorCompiler>[0]);
  // Answers are built field by field by our own code; tests hold them against the schemas.
  app.setSerializerCompiler(() => JSON.stringify as (payload: unknown) => string);
  installProblems(app, options);
  return app;
}

/** Headers of every API answer: its request's id, and that it is neither to be stored nor guessed at. */
export function installApiHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    done();
  });
}
