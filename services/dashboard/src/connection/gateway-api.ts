import {
  API_BASE,
  type ExecutionReport,
  type Fill,
  fieldsOf,
  fillOf,
  type Journey,
  type KillRequest,
  type KillSwitch,
  killSwitchesOf,
  type Leader,
  leaderOf,
  listOf,
  type Order,
  type OrderAnswer,
  type OrderDraft,
  type PositionTerms,
  type PreTradeDecision,
  type Problem,
  type RiskPoint,
} from '../contract.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** A refusal of the gateway, or its absence (status 0). */
export class GatewayProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  idempotencyKey?: string;
}

function problemOf(status: number, statusText: string, answer: unknown): Problem {
  const fields = fieldsOf(answer);
  return {
    ...fields,
    status,
    title: String(fields['title'] ?? statusText ?? 'Request failed'),
    detail: String(fields['detail'] ?? fields['title'] ?? `The gateway answered ${status}.`),
    code: String(fields['code'] ?? `HTTP_${status}`),
  };
}

export function newIdempotencyKey(): string {
  // randomUUID exists on secure origins only; a desk may be reached by plain http inside a network.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class GatewayApi {
  readonly #key: string;
  readonly #onUnauthorised: () => void;

  constructor(key: string, onUnauthorised: () => void) {
    this.#key = key;
    this.#onUnauthorised = onUnauthorised;
  }

  async positions(): Promise<PositionTerms[]> {
    return listOf<PositionTerms>(await this.#call('/positions'), 'positions');
  }

  /** Newest first; none where the gateway has no cache to read them from. */
  async riskHistory(account: string, limit: number): Promise<RiskPoint[]> {
    const query = `account_id=${encodeURIComponent(account)}&limit=${limit}`;
    return listOf<RiskPoint>(await this.#call(`/risk-metrics/history?${query}`));
  }

  async orders(): Promise<Order[]> {
    return listOf<Order>(await this.#call('/orders?limit=200'), 'orders');
  }

  async executions(): Promise<Fill[]> {
    return listOf<unknown>(await this.#call('/executions?limit=200'), 'executions').map(fillOf);
  }

  async leader(): Promise<Leader> {
    return leaderOf(await this.#call('/leader'));
  }

  async journey(orderId: string): Promise<Journey> {
    return (await this.#call(`/orders/${encodeURIComponent(orderId)}/journey`)) as Journey;
  }

  /** null while there is none for the order. */
  async executionReport(orderId: string): Promise<ExecutionReport | null> {
    const answer = await this.#call(`/tca?order_id=${encodeURIComponent(orderId)}`);
    return listOf<ExecutionReport>(answer, 'reports')[0] ?? null;
  }

  async check(order: OrderDraft, signal: AbortSignal): Promise<PreTradeDecision> {
    const call: Call = { method: 'POST', body: { order }, signal };
    return (await this.#call('/pre-trade-check', call)) as PreTradeDecision;
  }

  async send(order: OrderDraft, idempotencyKey: string): Promise<OrderAnswer> {
    const call: Call = { method: 'POST', body: { order }, idempotencyKey };
    return (await this.#call('/orders', call)) as OrderAnswer;
  }

  async cancel(orderId: string): Promise<void> {
    await this.#call(`/orders/${encodeURIComponent(orderId)}`, {
      method: 'DELETE',
      idempotencyKey: newIdempotencyKey(),
    });
  }

  async killSwitches(): Promise<KillSwitch[]> {
    return killSwitchesOf(await this.#call('/kill-switch'));
  }

  async engage(request: KillRequest): Promise<void> {
    await this.#call('/kill-switch', {
      method: 'POST',
      body: request,
      idempotencyKey: newIdempotencyKey(),
    });
  }

  async release(request: KillRequest): Promise<void> {
    await this.#call('/kill-switch', {
      method: 'DELETE',
      body: request,
      idempotencyKey: newIdempotencyKey(),
    });
  }

  async #call(path: string, call: Call = {}): Promise<unknown> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(API_BASE + path, {
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json',
        'x-api-key': this.#key,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
    });
    const text = await response.text();
    const answer = text === '' ? null : parsed(text);
    if (response.ok) return answer;
    if (response.status === 401) this.#onUnauthorised();
    throw new GatewayProblem(problemOf(response.status, response.statusText, answer));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML page in place of JSON: shown as what it is, the status tells the rest.
    return { detail: text.slice(0, 200) };
  }
}

export function reasonOf(error: unknown): string {
  if (error instanceof GatewayProblem) {
    const [first] = error.problem.errors ?? [];
    return first ? `${error.message} (${first.path}: ${first.expected})` : error.message;
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return 'The gateway did not answer in time.';
  }
  return error instanceof TypeError ? 'The gateway cannot be reached.' : String(error);
}
