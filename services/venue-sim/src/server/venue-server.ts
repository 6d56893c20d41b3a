import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '@cerberus/core';
import { WebSocketServer } from 'ws';
import type { ControlRoutes } from '../control/control-routes.ts';
import type { Fault, FaultPlan } from '../control/faults.ts';
import { VenueError } from '../exchange/venue-error.ts';
import type { ApiCall, ApiRoute, MarketApi } from './api-context.ts';
import type { Authentication } from './authentication.ts';
import { WebSocketApi } from './web-socket-api.ts';

const BODY_BYTES_MAX = 64 * 1024;
const MINUTE_MS = 60_000;

export interface VenueServerOptions {
  readonly api: MarketApi;
  readonly routes: readonly ApiRoute[];
  readonly authentication: Authentication;
  readonly faults: FaultPlan;
  readonly control: ControlRoutes;
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  /** One-way delay of a request and of its answer. */
  readonly latencyMs: () => number;
}

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly apiKey: string | undefined;
}

/** REST, streams and WebSocket API of one market on one port. */
export class VenueServer {
  readonly #options: VenueServerOptions;
  readonly #routes: ReadonlyMap<string, ApiRoute>;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });
  readonly #webSocketApi: WebSocketApi;
  #weightMinute = 0;
  #weightUsed = 0;

  constructor(options: VenueServerOptions) {
    this.#options = options;
    this.#routes = new Map(options.routes.map((route) => [`${route.method} ${route.path}`, route]));
    this.#webSocketApi = new WebSocketApi(options.api, options.authentication);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        sendJson(response, 500, { code: -1000, msg: String(error) });
      });
    });
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('upgrade', (request, socket, head) =>
      this.#upgrade(request, socket as Socket, head),
    );
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readRequest(request);
    if (raw === undefined) {
      sendJson(response, 413, { code: -1101, msg: 'Too many parameters sent.' });
      return;
    }
    if (raw.path.startsWith('/sim/')) {
      const { status, body } = this.#options.control.handle(raw);
      sendJson(response, status, body);
      return;
    }
    await this.#pause(this.#options.latencyMs());
    const fault = this.#strike(raw);
    if (fault?.action === 'delay') await this.#pause(fault.delay_ms ?? 1000);
    if (fault !== undefined && refuse(fault, request, response)) return;
    const { status, body, headers } = this.#execute(raw);
    await this.#pause(this.#options.latencyMs());
    if (fault?.action === 'delay_answer') await this.#pause(fault.delay_ms ?? 1000);
    switch (fault?.action) {
      case 'drop_after':
        request.socket.destroy();
        return;
      case 'error_after':
        sendText(response, fault.status ?? 502, '<html>Bad gateway</html>');
        return;
      case 'garbage_after':
        sendText(response, 200, '{"orderId":');
        return;
      default:
        sendJson(response, status, body, headers);
    }
  }

  /** Looks the route up, checks the caller and runs it: all in one turn of the event loop. */
  #execute(raw: RawRequest): {
    readonly status: number;
    readonly body: unknown;
    readonly headers: Record<string, string>;
  } {
    const { clock, api, authentication } = this.#options;
    const nowMs = Math.floor(clock.nowUs() / 1000);
    const route = this.#routes.get(`${raw.method} ${raw.path}`);
    if (route === undefined) {
      return { status: 404, body: { code: -1, msg: 'Path not found.' }, headers: {} };
    }
    try {
      const params = paramsOf(raw);
      const headers = this.#weigh(route.weight(params), nowMs);
      let account: ApiCall['account'];
      if (route.security !== 'none') {
        const key = authentication.key(raw.apiKey);
        if (route.security === 'signed') {
          authentication.verify(key, { params, payload: signedPayload(raw), nowMs });
        }
        account = api.exchange.book.account(key.account);
      }
      return { status: 200, body: route.handle({ params, account, nowMs }), headers };
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      const headers: Record<string, string> =
        error.status === 429 ? { 'Retry-After': String(60 - Math.floor((nowMs / 1000) % 60)) } : {};
      return { status: error.status, body: { code: error.code, msg: error.message }, headers };
    }
  }

  #weigh(weight: number, nowMs: number): Record<string, string> {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#weightMinute) {
      this.#weightMinute = minute;
      this.#weightUsed = 0;
    }
    this.#weightUsed += weight;
    if (this.#weightUsed > this.#options.api.weightLimit) {
      throw new VenueError(
        -1003,
        'Too much request weight used; please use WebSocket Streams.',
        429,
      );
    }
    return { 'X-MBX-USED-WEIGHT-1M': String(this.#weightUsed) };
  }

  #strike(raw: RawRequest): Fault | undefined {
    const { faults, api } = this.#options;
    if (faults.pending.length === 0) return undefined;
    return faults.strike({
      market: api.exchange.market,
      target: 'rest',
      method: raw.method,
      path: raw.path,
      symbol: paramsOf(raw).get('symbol'),
    });
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#options.clock.sleep(ms);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://venue');
    const { api } = this.#options;
    const nowMs = Math.floor(this.#options.clock.nowUs() / 1000);
    const path = url.pathname.replace(/^\/(public|market|private)(?=\/)/, '');
    const accept = (use: (socket: import('ws').WebSocket) => void) =>
      this.#sockets.handleUpgrade(request, socket, head, use);
    if (path === '/ws-api/v3' || path === '/ws-fapi/v1') {
      accept((client) => this.#webSocketApi.serve(client));
      return;
    }
    const listenKey = url.searchParams.get('listenKey') ?? path.replace(/^\/ws\//, '');
    const account = api.listenKeys.accountOf(listenKey, nowMs);
    if (account !== undefined) {
      // As with market streams, `/stream` puts every event into an envelope with its stream.
      const wrap =
        path === '/stream' ? (data: unknown) => ({ stream: listenKey, data }) : undefined;
      accept((client) => api.hub.addUser(client, account, wrap));
      return;
    }
    if (url.searchParams.has('listenKey')) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      return;
    }
    if (path === '/stream') {
      const streams = (url.searchParams.get('streams') ?? '').split('/').filter(Boolean);
      if (this.#userStreams(streams, nowMs, accept)) return;
      accept((client) => api.hub.addMarket(client, streams, true));
      return;
    }
    if (path === '/ws' || path.startsWith('/ws/')) {
      const streams = path.slice('/ws/'.length).split('/').filter(Boolean);
      accept((client) => api.hub.addMarket(client, streams, false));
      return;
    }
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  }

  /** `/stream?streams=<listenKey>` is a user stream in an envelope. */
  #userStreams(
    streams: readonly string[],
    nowMs: number,
    accept: (use: (socket: import('ws').WebSocket) => void) => void,
  ): boolean {
    const { api } = this.#options;
    const [stream] = streams;
    const account = stream === undefined ? undefined : api.listenKeys.accountOf(stream, nowMs);
    if (account === undefined) return false;
    accept((client) => api.hub.addUser(client, account, (data) => ({ stream, data })));
    return true;
  }
}

/** Faults that keep the request from being executed. True where it has been answered. */
function refuse(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  const retryAfter = { 'Retry-After': String(fault.retry_after_s ?? 1) };
  switch (fault.action) {
    case 'drop_before':
      request.socket.destroy();
      return true;
    case 'error_before':
      sendText(response, fault.status ?? 503, '<html>Service unavailable</html>');
      return true;
    case 'throttle':
      sendJson(response, 429, { code: -1003, msg: 'Too many requests.' }, retryAfter);
      return true;
    case 'ban':
      sendJson(
        response,
        418,
        { code: -1003, msg: 'Way too many requests; IP banned.' },
        retryAfter,
      );
      return true;
    case 'reject':
      sendJson(response, fault.status ?? 400, {
        code: fault.code ?? -1013,
        msg: fault.message ?? 'Refused by a planned fault.',
      });
      return true;
    default:
      return false;
  }
}

async function readRequest(request: IncomingMessage): Promise<RawRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const apiKey = request.headers['x-mbx-apikey'];
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    body: Buffer.concat(chunks).toString('utf8'),
    apiKey: typeof apiKey === 'string' ? apiKey : undefined,
  };
}

/** Query first, then the body; where both name a parameter the query counts. */
function paramsOf(raw: RawRequest): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  for (const part of [raw.body, raw.query]) {
    for (const [name, value] of new URLSearchParams(part)) params.set(name, value);
  }
  return params;
}

/** Everything sent, as it was sent, without the signature. */
function signedPayload(raw: RawRequest): string {
  return `${raw.query}${raw.body}`.replace(/&?signature=[^&]*/, '');
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  sendText(response, status, JSON.stringify(body), {
    'Content-Type': 'application/json',
    ...headers,
  });
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = { 'Content-Type': 'text/html' },
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
