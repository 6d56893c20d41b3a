import type { SeededRng } from '@cerberus/runtime';

export interface OrderFlowOptions {
  readonly url: string;
  readonly apiKey: () => string;
  readonly rng: SeededRng;
  readonly ordersPerSecond: number;
  /** No order was acknowledged for so long: told when the next one is. */
  onGap?(gapMs: number): void;
}

/** What the client saw of its requests. */
export interface FlowCounts {
  attempts: number;
  /** Answered 202: the order is in the log, whatever happens next. */
  acknowledged: number;
  blocked: number;
  /** No answer: it may or may not be in the log. */
  unanswered: number;
  cancels: number;
  /** Longest time between two orders that were answered 202. */
  longest_gap_ms: number;
}

const REQUEST_MS_MAX = 5000;
const GAP_TOLD_MS = 3000;
/** As the answers of the gateway ask for. */
const ASK_AGAIN_MS = 1000;

/**
 * A steady client: small market orders both ways, resting limit orders far from the market, and
 * cancels of those. Each new order carries an idempotency key and is sent again with the same key
 * when no answer came, as a careful client does.
 */
export class OrderFlow {
  readonly counts: FlowCounts = {
    attempts: 0,
    acknowledged: 0,
    blocked: 0,
    unanswered: 0,
    cancels: 0,
    longest_gap_ms: 0,
  };
  readonly acknowledgedIds = new Set<string>();
  readonly #options: OrderFlowOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #resting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #acknowledgedAtMs: number | undefined;
  /** Orders whose answer was lost, to be asked for again. */
  #unsure: { key: string; body: string; dueMs: number }[] = [];

  constructor(options: OrderFlowOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#step(), 1000 / this.#options.ordersPerSecond);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
  }

  #step(): void {
    const work = this.#next();
    this.#inFlight.add(work);
    void work.finally(() => this.#inFlight.delete(work));
  }

  #next(): Promise<void> {
    const [again] = this.#unsure;
    if (again !== undefined && again.dueMs <= performance.now()) {
      this.#unsure.shift();
      return this.#place(again.key, again.body);
    }
    const { rng } = this.#options;
    const dice = rng.nextDouble();
    const resting = this.#resting[0];
    if (dice < 0.2 && resting !== undefined) {
      this.#resting = this.#resting.slice(1);
      return this.#cancel(resting);
    }
    this.#sequence += 1;
    const side = rng.nextDouble() < 0.5 ? 'BUY' : 'SELL';
    const perpetual = rng.nextDouble() < 0.4;
    const symbol = perpetual ? 'BTCUSDT-PERP' : 'BTCUSDT';
    const order =
      dice < 0.7
        ? { order_type: 'MARKET', time_in_force: 'IOC' }
        : { order_type: 'LIMIT', limit_price: null, time_in_force: 'GTC' };
    return this.#place(`flow-${rng.nextUint32()}-${this.#sequence}`, '', {
      ...order,
      ...{ account_id: rng.nextDouble() < 0.7 ? 'demo' : 'hedge', symbol, side, quantity: '0.01' },
    });
  }

  async #place(key: string, given: string, order?: Record<string, unknown>): Promise<void> {
    this.counts.attempts += 1;
    let body = given;
    try {
      if (order !== undefined) body = JSON.stringify({ order: await this.#priced(order) });
      const response = await this.#request('POST', '/orders', { 'idempotency-key': key }, body);
      const answer = (await response.json()) as { order_id?: string; code?: string };
      if (response.status === 202 && answer.order_id !== undefined) {
        this.#acknowledged();
        this.acknowledgedIds.add(answer.order_id);
        if (body.includes('LIMIT')) this.#resting.push(answer.order_id);
      } else if (response.status === 422) this.counts.blocked += 1;
      else this.#lost(key, body);
    } catch {
      this.#lost(key, body); // The process died under the request: exactly what is being tried.
    }
  }

  /** Resting orders lie two percent away from the market, inside the collar. */
  async #priced(order: Record<string, unknown>): Promise<Record<string, unknown>> {
    if (order['order_type'] !== 'LIMIT') return order;
    const check = await this.#request(
      'POST',
      '/pre-trade-check',
      {},
      JSON.stringify({
        order: { ...order, order_type: 'MARKET', limit_price: undefined, time_in_force: 'IOC' },
      }),
    );
    const { reference_price: price } = (await check.json()) as { reference_price: number };
    const away = order['side'] === 'BUY' ? 0.98 : 1.02;
    return { ...order, limit_price: (price * away).toFixed(1) };
  }

  async #cancel(orderId: string): Promise<void> {
    this.counts.cancels += 1;
    try {
      const response = await this.#request('DELETE', `/orders/${orderId}`, {}, undefined);
      await response.body?.cancel();
    } catch {
      this.#resting.push(orderId); // Unanswered: it is asked for again later.
    }
  }

  #acknowledged(): void {
    const nowMs = performance.now();
    const gapMs = Math.round(nowMs - (this.#acknowledgedAtMs ?? nowMs));
    this.counts.acknowledged += 1;
    this.counts.longest_gap_ms = Math.max(this.counts.longest_gap_ms, gapMs);
    this.#acknowledgedAtMs = nowMs;
    if (gapMs >= GAP_TOLD_MS) this.#options.onGap?.(gapMs);
  }

  #lost(key: string, body: string): void {
    this.counts.unanswered += 1;
    if (body === '') return;
    this.#unsure.push({ key, body, dueMs: performance.now() + ASK_AGAIN_MS });
  }

  #request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<Response> {
    return fetch(`${this.#options.url}/api/v1/risk${path}`, {
      method,
      headers: {
        'x-api-key': this.#options.apiKey(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
  }
}
