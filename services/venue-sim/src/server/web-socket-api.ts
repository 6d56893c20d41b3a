import type { WebSocket } from 'ws';
import { VenueError } from '../exchange/venue-error.ts';
import type { MarketApi } from './api-context.ts';
import type { Authentication } from './authentication.ts';

interface ApiRequest {
  readonly id: unknown;
  readonly method: unknown;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * The part of the WebSocket API that user streams need since listen keys ended on spot: subscription
 * by signature, and ping and time for clients that probe with them.
 */
export class WebSocketApi {
  readonly #api: MarketApi;
  readonly #authentication: Authentication;
  #nextSubscriptionId = 0;

  constructor(api: MarketApi, authentication: Authentication) {
    this.#api = api;
    this.#authentication = authentication;
  }

  serve(socket: WebSocket): void {
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      let request: ApiRequest;
      try {
        const json = JSON.parse(String(data));
        request = { id: json.id ?? null, method: json.method, params: json.params ?? {} };
      } catch {
        send(socket, {
          id: null,
          status: 400,
          error: { code: -1135, msg: 'Invalid JSON Request' },
        });
        return;
      }
      try {
        send(socket, { id: request.id, status: 200, result: this.#handle(socket, request) });
      } catch (error) {
        if (!(error instanceof VenueError)) throw error;
        const { code, message, status } = error;
        send(socket, { id: request.id, status, error: { code, msg: message } });
      }
    });
  }

  #handle(socket: WebSocket, request: ApiRequest): unknown {
    const nowMs = Math.floor(this.#api.clock.nowUs() / 1000);
    switch (request.method) {
      case 'ping':
        return {};
      case 'time':
        return { serverTime: nowMs };
      case 'userDataStream.subscribe.signature':
        return this.#subscribe(socket, request, nowMs);
      default:
        throw new VenueError(-1000, `Unknown method '${String(request.method)}'.`);
    }
  }

  #subscribe(socket: WebSocket, request: ApiRequest, nowMs: number): unknown {
    const params = new Map(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const key = this.#authentication.key(params.get('apiKey'));
    const payload = [...params]
      .filter(([name]) => name !== 'signature')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    this.#authentication.verify(key, { params, payload, nowMs });
    const subscriptionId = this.#nextSubscriptionId;
    this.#nextSubscriptionId += 1;
    this.#api.hub.addUser(socket, key.account, (event) => ({ subscriptionId, event }));
    return { subscriptionId };
  }
}

function send(socket: WebSocket, message: unknown): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
