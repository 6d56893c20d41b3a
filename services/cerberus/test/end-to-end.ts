import { expect } from '@jest/globals';
import WebSocket from 'ws';

export interface RunningPlatform {
  readonly url: string;
  readonly apiKey: string;
}

interface JourneyStep {
  readonly stage: string;
  readonly trace_id: string | null;
}

type Json = Record<string, unknown>;

const WAIT_MS_MAX = 20_000;
const POLL_MS = 50;

/**
 * The way of an order, seen from outside only: REST order → decision → venue → fill → position →
 * Greeks → TCA under one trace id, on REST and WebSocket. The same for every kind of deployment.
 */
export async function followsAnOrderEndToEnd(platform: RunningPlatform): Promise<void> {
  const client = new Client(platform);
  const stream = new OrderStream(platform);
  await stream.open();
  try {
    const before = await client.quantity('demo', 'BTCUSDT');
    const checked = await client.post('/pre-trade-check', marketBuy());
    expect(checked).toMatchObject({ status: 200, body: { passed: true, blocks: [] } });
    const placed = await client.post('/orders', marketBuy(), { 'idempotency-key': 'e2e-1' });
    expect(placed.status).toBe(202);
    const orderId = placed.body['order_id'] as string;
    // The order itself as the body means the same.
    const again = await client.post('/orders', marketBuy().order, { 'idempotency-key': 'e2e-1' });
    expect(again.body['order_id']).toBe(orderId);

    const filled = await client.until(`/orders/${orderId}`, (o) => o['status'] === 'FILLED');
    expect(filled).toMatchObject({ filled_quantity: '0.25', side: 'BUY' });
    const journey = await client.until(`/orders/${orderId}/journey`, (found) =>
      ['tca', 'greeks'].every((stage) => stagesOf(found).includes(stage)),
    );
    const steps = journey['steps'] as JourneyStep[];
    expect(stagesOf(journey)).toEqual(
      expect.arrayContaining([
        'requested',
        'approved',
        'submitted',
        'filled',
        'position',
        'greeks',
      ]),
    );
    const traced = steps.filter(({ stage }) => stage !== 'greeks');
    expect(new Set(traced.map(({ trace_id }) => trace_id))).toEqual(new Set([journey['trace_id']]));

    // A buy pays its fee in coin, so the position grows by a little less than the order.
    const after = await client.quantity('demo', 'BTCUSDT');
    expect(after - before).toBeGreaterThan(0.249);
    expect(after - before).toBeLessThanOrEqual(0.25);
    const executions = await client.get('/executions?account_id=demo&limit=50');
    const ours = (executions['items'] as Json[]).filter((f) => f['order_id'] === orderId);
    const total = ours.reduce((sum, fill) => sum + Number(fill['quantity'] ?? fill['qty']), 0);
    expect(total).toBeCloseTo(0.25, 12);
    const seen = await stream.until((message) => JSON.stringify(message).includes(orderId));
    expect(JSON.stringify(seen)).toContain(journey['trace_id']);
  } finally {
    stream.close();
  }
}

/** What must be refused is refused with its code and field, and leaves nothing behind. */
export async function refusesBadOrders(platform: RunningPlatform): Promise<void> {
  const client = new Client(platform);
  const cases: [Json, RegExp][] = [
    [{ symbol: 'DOGEUSDT' }, /symbol/],
    [{ side: 'HOLD' }, /side/],
    [{ quantity: '-1' }, /quantity/],
    [{ quantity: '0' }, /quantity/],
    [{ quantity: 'NaN' }, /quantity/],
    [{ quantity: '1e308' }, /quantity/],
    [{ quantity: '0.0000000000000000001' }, /quantity/],
    [{ order_type: 'LIMIT' }, /limit_price/],
    [{ account_id: 'nobody' }, /account/],
  ];
  for (const [change, field] of cases) {
    const order = { ...marketBuy().order, ...change };
    const answer = await client.post('/orders', { order });
    const said = `${JSON.stringify(change)} → ${answer.status} ${JSON.stringify(answer.body)}`;
    expect({ said, refused: answer.status >= 400 && answer.status < 500 }).toEqual({
      said,
      refused: true,
    });
    expect(JSON.stringify(answer.body)).toMatch(field);
    expect(answer.body['code']).toMatch(/^CRB_/);
  }
  const noKey = await fetch(`${platform.url}/api/v1/risk/orders`);
  expect(noKey.status).toBe(401);
  const oversized = await client.post('/orders', { order: { note: 'x'.repeat(100_000) } });
  expect(oversized.status).toBe(413);
}

export function marketBuy() {
  return {
    order: {
      account_id: 'demo',
      symbol: 'BTCUSDT',
      side: 'BUY',
      quantity: '0.25',
      order_type: 'MARKET',
    },
  };
}

function stagesOf(journey: Json): string[] {
  return ((journey['steps'] ?? []) as JourneyStep[]).map(({ stage }) => stage);
}

export class Client {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor({ url, apiKey }: RunningPlatform) {
    this.#base = `${url}/api/v1/risk`;
    this.#headers = { 'x-api-key': apiKey };
  }

  async get(path: string): Promise<Json> {
    const response = await fetch(`${this.#base}${path}`, { headers: this.#headers });
    return (await response.json()) as Json;
  }

  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ readonly status: number; readonly body: Json }> {
    const response = await fetch(`${this.#base}${path}`, {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Json };
  }

  async until(path: string, holds: (answer: Json) => boolean): Promise<Json> {
    const deadline = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const answer = await this.get(path);
      if (holds(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`${path}: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async quantity(account: string, symbol: string): Promise<number> {
    const { items } = (await this.get(`/positions?account_id=${account}`)) as {
      items: { symbol: string; quantity: string }[];
    };
    return Number(items.find((position) => position.symbol === symbol)?.quantity ?? 0);
  }
}

class OrderStream {
  readonly #socket: WebSocket;
  readonly #messages: Json[] = [];

  constructor({ url, apiKey }: RunningPlatform) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/stream/orders`, {
      headers: { 'x-api-key': apiKey },
    });
    this.#socket.on('message', (data) => this.#messages.push(JSON.parse(String(data)) as Json));
  }

  async open(): Promise<void> {
    await new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.send('{}');
    const first = await this.until(() => true);
    expect(first['type']).toBe('snapshot');
  }

  async until(holds: (message: Json) => boolean): Promise<Json> {
    const deadline = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const found = this.#messages.find(holds);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${this.#messages.length} messages, none fits`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  close(): void {
    this.#socket.close();
  }
}
