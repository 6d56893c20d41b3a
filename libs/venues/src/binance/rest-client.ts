import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '@cerberus/core';
import type { ApiCredentials } from './credentials.ts';
import type { RequestBudget } from './request-budget.ts';
import { classifyAnswer, type HttpAnswer, unknown, type VenueAnswer } from './venue-answer.ts';
import type { VenueRequest } from './venue-request.ts';

const SOCKETS_MAX = 64;
/** The largest honest answer (exchangeInfo of all spot symbols) is about 20 MB. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const DEFAULT_DEADLINE_MS = 5000;

export interface RestClientOptions {
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly budget: RequestBudget;
  readonly credentials?: ApiCredentials;
  /** Age at which the venue refuses a signed request; Binance advises 5000 or less. */
  readonly recvWindowMs?: number;
  readonly deadlineMs?: number;
}

export interface SendOptions {
  /** Venue time that a signed request is dated with. Taken by the caller before its lease check. */
  readonly timestampMs?: number;
  readonly deadlineMs?: number;
}

/** Sends built requests and classifies what comes back; never throws, never retries. */
export class BinanceRestClient {
  readonly #options: RestClientOptions;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #secure: boolean;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#secure = options.baseUrl.startsWith('https:');
    const agent = { keepAlive: true, maxSockets: SOCKETS_MAX, scheduling: 'lifo' as const };
    this.#agent = this.#secure ? new HttpsAgent(agent) : new HttpAgent(agent);
  }

  async send(request: VenueRequest, options: SendOptions = {}): Promise<VenueAnswer> {
    const verdict = this.#options.budget.take(request);
    if (!verdict.granted) {
      return { outcome: 'rate-limited', retryAfterMs: verdict.retryAfterMs, by: verdict.by };
    }
    // What throws here is an address that is none; nobody can say more than that it failed.
    const answer = await this.#exchange(request, options).catch((error: unknown) =>
      unknown('disconnect', error instanceof Error ? error.message : String(error)),
    );
    if (answer.outcome === 'rate-limited') this.#options.budget.closeFor(answer.retryAfterMs);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #query(request: VenueRequest, options: SendOptions): string {
    const params = new URLSearchParams([...request.params] as [string, string][]);
    if (request.security !== 'signed') return params.toString();
    const { credentials, clock, recvWindowMs = 5000 } = this.#options;
    if (credentials === undefined) return params.toString();
    params.append('recvWindow', String(recvWindowMs));
    params.append('timestamp', String(options.timestampMs ?? Math.floor(clock.nowUs() / 1000)));
    const query = params.toString();
    return `${query}&signature=${credentials.sign(query)}`;
  }

  #exchange(request: VenueRequest, options: SendOptions): Promise<VenueAnswer> {
    const { baseUrl, clock, credentials } = this.#options;
    const query = this.#query(request, options);
    const inBody = request.method === 'POST' || request.method === 'PUT';
    const path = inBody || query === '' ? request.path : `${request.path}?${query}`;
    const headers: Record<string, string | number> = {};
    if (request.security !== 'none' && credentials !== undefined) {
      headers['X-MBX-APIKEY'] = credentials.apiKey;
    }
    if (inBody) {
      headers['Content-Type'] = 'application/x-www-form-urlencoded';
      headers['Content-Length'] = Buffer.byteLength(query);
    }
    return new Promise((resolve) => {
      const send = this.#secure ? httpsRequest : httpRequest;
      const outgoing = send(
        `${baseUrl}${path}`,
        { method: request.method, headers, agent: this.#agent },
        (incoming) => {
          readBody(incoming).then(
            (body) => settle(this.#classify(incoming, body)),
            (error: Error) => settle(unknown('disconnect', error.message)),
          );
        },
      );
      const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEFAULT_DEADLINE_MS;
      const deadline = clock.after(deadlineMs, () => {
        settle(unknown('timeout', `no answer within ${deadlineMs} ms`));
        outgoing.destroy();
      });
      const settle = (answer: VenueAnswer): void => {
        deadline.cancel();
        resolve(answer);
      };
      outgoing.on('error', (error) => settle(unknown('disconnect', error.message)));
      outgoing.end(inBody ? query : undefined);
    });
  }

  #classify(incoming: IncomingMessage, body: string): VenueAnswer {
    const usedWeight = Number(incoming.headers['x-mbx-used-weight-1m']);
    if (Number.isFinite(usedWeight)) this.#options.budget.observeUsedWeight(usedWeight);
    const retryAfter = Number(incoming.headers['retry-after']);
    const answer: HttpAnswer = {
      status: incoming.statusCode ?? 0,
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
      body,
    };
    return classifyAnswer(answer);
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`answer is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
