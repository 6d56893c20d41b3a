import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CerberusError, type Fault, faultOf } from '@cerberus/core';
import { RUNTIME_ERRORS } from './errors.ts';
import type { HttpRoute, HttpRouteReply } from './http-route.ts';
import type { Logger } from './log.ts';

const BODY_LIMIT_BYTES = 1_048_576;
const REQUEST_TIMEOUT_MS = 10_000;

export interface HealthServerOptions {
  readonly bind: string;
  readonly port: number;
  /** Config key of the port, named when it is taken. */
  readonly portKey: string;
  /** Asked for at every request: services add theirs when they have started. */
  readonly routes: () => readonly HttpRoute[];
  readonly log: Logger;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A small server over `HttpRoute`s for services run alone; the all-in-one mounts the same routes in its gateway. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, options.routes()).then(
      (reply) => send(response, reply),
      (error: unknown) => {
        options.log.error({ err: error, url: request.url }, 'a request could not be answered');
        send(response, problem(500, 'internal error'));
      },
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { bind, port, portKey }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const fault = listenFault(error, { bind, port, portKey });
      reject(fault === undefined ? error : new CerberusError(fault, { cause: error }));
    });
    server.listen(port, bind, resolve);
  });
}

/** Why a server cannot listen, with the key to change; undefined when it is none of the usual reasons. */
export function listenFault(
  error: { readonly code?: string | undefined },
  {
    bind,
    port,
    portKey,
  }: { readonly bind: string; readonly port: number; readonly portKey: string },
): Fault | undefined {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'is taken by another program',
    EACCES: 'may not be used by this user',
    EADDRNOTAVAIL: 'cannot be used: this machine does not have that address',
  };
  const reason = reasons[error.code ?? ''];
  if (reason === undefined) return undefined;
  return faultOf(RUNTIME_ERRORS.PORT_TAKEN, {
    message: `port ${port} on ${bind} ${reason}; choose another with ${portKey} (0 takes any free port)`,
    received: String(port),
  });
}

async function answer(
  request: IncomingMessage,
  routes: readonly HttpRoute[],
): Promise<HttpRouteReply> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  let isKnownPath = false;
  for (const route of routes) {
    const params = matchPath(route.path, url.pathname);
    if (params === undefined) continue;
    isKnownPath = true;
    const isHead = request.method === 'HEAD' && route.method === 'GET';
    if (route.method !== request.method && !isHead) continue;
    const body = await readJson(request);
    if (!body.ok) return problem(body.status, body.detail);
    return route.handle({ params, query: Object.fromEntries(url.searchParams), body: body.value });
  }
  return isKnownPath
    ? problem(405, `${request.method} is not possible here`)
    : problem(404, `there is no ${url.pathname}`);
}

/** Parameters of a path such as `/executions/:order_id`, undefined when it does not match. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const given = pathname.split('/');
  if (expected.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const text = given[index] as string;
    if (part.startsWith(':')) {
      const value = decode(text);
      if (value === undefined || value === '') return undefined;
      params[part.slice(1)] = value;
    } else if (part !== text) {
      return undefined;
    }
  }
  return params;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly detail: string };

async function readJson(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    // The rest is read and forgotten: a connection cut here would hide the answer.
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk as Buffer);
  }
  if (size > BODY_LIMIT_BYTES) {
    return { ok: false, status: 413, detail: `the body is larger than ${BODY_LIMIT_BYTES} bytes` };
  }
  if (size === 0) return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, status: 400, detail: 'the body is not JSON' };
  }
}

function problem(status: number, detail: string): HttpRouteReply {
  return { status, body: { status, detail }, contentType: 'application/problem+json' };
}

function send(response: ServerResponse, reply: HttpRouteReply): void {
  const isText = typeof reply.body === 'string';
  const text = isText ? (reply.body as string) : `${JSON.stringify(reply.body)}\n`;
  const contentType =
    reply.contentType ?? (isText ? 'text/plain; charset=utf-8' : 'application/json');
  response.writeHead(reply.status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(text);
}
