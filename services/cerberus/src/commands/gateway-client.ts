import { readFileSync } from 'node:fs';
import { CerberusError, type Fault, faultOf } from '@cerberus/core';
import { CLI_ERRORS } from './errors.ts';
import { faulty } from './input.ts';

const BASE = '/api/v1/risk';
const REQUEST_TIMEOUT_MS = 15_000;

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A refusal in the gateway's own words and code. */
export class GatewayRefusal extends CerberusError {
  readonly status: number;

  constructor(fault: Fault, status: number) {
    super(fault);
    this.status = status;
  }
}

/** REST of a running gateway with its key. A refusal is thrown with the gateway's own words. */
export class GatewayClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, keyFile: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = readKey(keyFile);
  }

  /** Statuses among `accepted` are answers, every other one a refusal. */
  async send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: {
      readonly body?: unknown;
      readonly idempotencyKey?: string;
      readonly accepted?: readonly number[];
    } = {},
  ): Promise<Answer> {
    const { body, idempotencyKey, accepted = [200, 202] } = options;
    const answer = await this.#fetch(`${this.#url}${BASE}${path}`, {
      method,
      headers: {
        'x-api-key': this.#key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (accepted.includes(answer.status)) return answer;
    throw refusal(answer);
  }

  async #fetch(url: string, init: RequestInit): Promise<Answer> {
    let status = 0;
    let text = '';
    try {
      const response = await fetch(url, init);
      status = response.status;
      text = await response.text();
    } catch (error) {
      const { message, cause } = error as Error;
      const received = cause instanceof Error ? `${message}: ${cause.message}` : message;
      const expected = 'a running gateway: `cerberus up`';
      throw faulty(
        faultOf(CLI_ERRORS.GATEWAY_UNREACHABLE, { path: this.#url, expected, received }),
      );
    }
    return { status, body: documentOf(text, status) };
  }
}

function documentOf(text: string, status: number): Json {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Json;
  } catch {
    // Told below: whatever is not JSON is not this gateway.
  }
  const received = `HTTP ${status}: ${text.slice(0, 80)}`;
  throw faulty(
    faultOf(CLI_ERRORS.GATEWAY_UNREACHABLE, { expected: 'JSON of a gateway', received }),
  );
}

/** The problem document of RFC 9457 as a fault, with its own code where it has one. */
function refusal({ status, body }: Answer): GatewayRefusal {
  const { code, title, detail, errors } = body;
  const [first] = Array.isArray(errors) ? (errors as Json[]) : [];
  const fault = {
    code: typeof code === 'string' ? code : CLI_ERRORS.GATEWAY_REFUSED.code,
    message: `${String(title ?? CLI_ERRORS.GATEWAY_REFUSED.title)} (HTTP ${status})`,
    ...(typeof detail === 'string' ? { received: detail } : {}),
    ...(first === undefined
      ? {}
      : { path: String(first['path']), expected: String(first['expected']) }),
  };
  return new GatewayRefusal(fault, status);
}

function readKey(path: string): string {
  try {
    const key = readFileSync(path, 'utf8').trim();
    if (key !== '') return key;
  } catch (error) {
    const received = (error as Error).message;
    const expected = 'the key that `cerberus up` writes, or --key-file';
    throw faulty(faultOf(CLI_ERRORS.INPUT_UNREADABLE, { path, expected, received }));
  }
  throw faulty(
    faultOf(CLI_ERRORS.INPUT_UNREADABLE, { path, expected: 'a key', received: 'nothing' }),
  );
}
