import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONFLUENT_CODES, REGISTRY_ERRORS, type SchemaRegistry } from '@cerberus/schema';
import { REGISTRY_ROUTES } from './registry-routes.ts';

const BODY_BYTES_MAX = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

export interface RegistryServerOptions {
  readonly registry: SchemaRegistry;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** A request failed inside the server, for the log. */
  onError?(error: unknown): void;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Confluent's schema registry REST interface over a registry of this process. */
export class RegistryServer {
  readonly #options: RegistryServerOptions;
  readonly #server: Server;

  constructor(options: RegistryServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Gives the address it listens on. */
  async start(): Promise<string> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const { port: actual } = this.#server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      this.#options.onError?.(error);
      answer = refusal(500, 50001, 'Error in the backend data store');
    }
    response.writeHead(answer.status, { 'content-type': CONTENT_TYPE });
    response.end(JSON.stringify(answer.body));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://registry');
    const pathname = url.pathname.replace(/\/+$/, '');
    const matching = REGISTRY_ROUTES.filter(([, path]) => path.test(pathname));
    const route = matching.find(([method]) => method === request.method);
    if (route === undefined) {
      return matching.length === 0
        ? refusal(404, 404, 'HTTP 404 Not Found')
        : refusal(405, 405, 'HTTP 405 Method Not Allowed');
    }
    const read = await readJson(request);
    if ('status' in read) return read;
    const [, path, handle] = route;
    let params: string[];
    try {
      params = (path.exec(pathname) ?? []).slice(1).map(decodeURIComponent);
    } catch {
      return refusal(400, 400, 'Malformed escape in the path');
    }
    const { registry } = this.#options;
    const result = handle({ registry, params, query: url.searchParams, body: read.body });
    if (result.ok) return { status: 200, body: result.value };
    return refusal(
      statusOf(result.error.code),
      CONFLUENT_CODES[result.error.code] ?? 500,
      result.error.message,
    );
  }
}

function statusOf(code: string): number {
  return Object.values(REGISTRY_ERRORS).find((entry) => entry.code === code)?.status ?? 500;
}

function refusal(status: number, errorCode: number, message: string): Answer {
  return { status, body: { error_code: errorCode, message } };
}

async function readJson(request: IncomingMessage): Promise<{ body: unknown } | Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return refusal(413, 413, `body is over ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return { body: undefined };
  try {
    return { body: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return refusal(400, 400, 'body is not JSON');
  }
}
