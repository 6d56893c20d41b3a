import { strict as assert } from 'node:assert';
import { Agent, request } from 'node:http';
import { clientOrderId } from '@cerberus/service-execution';
import type { PlatformAddress } from '../deploy/faults/platform-client.ts';

const REQUEST_MS_MAX = 10_000;

export interface Sent {
  /** Wall clock, for comparison with the venue's ledger. */
  readonly startMs: number;
  readonly startNs: bigint;
  readonly answeredNs: bigint;
  readonly clientOrderId: string;
}

interface Answered {
  readonly sent: Omit<Sent, 'clientOrderId'>;
  readonly status: number | undefined;
  readonly text: string;
}

/** Small orders both ways on spot and perpetual, each with an idempotency key, at a steady rate. */
export class OrderClient {
  readonly #platform: PlatformAddress;
  readonly #agent = new Agent({ keepAlive: true });
  #sequence = 0;

  constructor(platform: PlatformAddress) {
    this.#platform = platform;
  }

  async place(orders: number, perSecond: number): Promise<Sent[]> {
    const sent: Promise<Sent>[] = [];
    const start = performance.now();
    for (let index = 0; index < orders; index += 1) {
      const order = this.one();
      // A failure is told when all are waited for, after the clean-up.
      order.catch(() => undefined);
      sent.push(order);
      const dueMs = ((index + 1) * 1000) / perSecond - (performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs)));
    }
    return Promise.all(sent);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Places one order and waits for its answer, which must be that it is on its way. */
  async one(): Promise<Sent> {
    const { sent, status, text } = await this.attempt();
    assert.equal(status, 202, text);
    const { order_id } = JSON.parse(text) as { order_id: string };
    // The gate's answer may still be on its way: its id follows from the order's.
    return { ...sent, clientOrderId: clientOrderId(`d-${order_id}-new`) };
  }

  /** Places one order and waits for its answer, whatever that says. */
  async attempt(): Promise<Answered> {
    this.#sequence += 1;
    const order = {
      account_id: this.#sequence % 4 < 2 ? 'demo' : 'hedge',
      symbol: this.#sequence % 5 < 2 ? 'BTCUSDT' : 'BTCUSDT-PERP',
      side: this.#sequence % 2 === 0 ? 'BUY' : 'SELL',
      ...{ quantity: '0.01', order_type: 'MARKET' },
    };
    const startMs = Date.now();
    const startNs = process.hrtime.bigint();
    const { status, text } = await post(`${this.#platform.url}/api/v1/risk/orders`, {
      agent: this.#agent,
      headers: {
        'x-api-key': this.#platform.apiKey(),
        'idempotency-key': `bench-${this.#sequence}`,
      },
      body: JSON.stringify({ order }),
    });
    const answeredNs = process.hrtime.bigint();
    return { sent: { startMs, startNs, answeredNs }, status, text };
  }
}

interface Post {
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function post(
  url: string,
  { agent, headers, body }: Post,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method: 'POST', agent, timeout: REQUEST_MS_MAX },
      headers: {
        ...headers,
        ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
    };
    const call = request(url, options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${REQUEST_MS_MAX} ms`)));
    call.on('error', reject);
    call.end(body);
  });
}
