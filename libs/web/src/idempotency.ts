import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { WEB_ERRORS } from './errors.ts';
import { HttpProblem, PROBLEM_MEDIA_TYPE, problemDocument } from './problem.ts';

/** What a write answered, as it goes over the wire. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'answered'; readonly answer: StoredAnswer }
  | { readonly state: 'in-progress' }
  | { readonly state: 'other-request' };

export interface ClaimRequest {
  /** Keys of one principal do not meet those of another. */
  readonly scope: string;
  readonly key: string;
  /** Hash of method, path and body. */
  readonly fingerprint: string;
}

/** Keeps first answers where a restart and other processes see them. */
export interface IdempotencyStore {
  /** Atomically takes the key, or says what became of it. A claim left by a crash lapses. */
  claim(request: ClaimRequest): Promise<Claim>;
  answer(scope: string, key: string, answer: StoredAnswer): Promise<void>;
  /** Gives a claim back after an attempt that decided nothing. */
  release(scope: string, key: string): Promise<void>;
}

/** What a handler of a write gives; it is also the answer of every retry. */
export interface WriteAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type WriteHandler = (
  request: FastifyRequest,
  idempotencyKey: string | undefined,
) => Promise<WriteAnswer>;

const KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;
const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

interface Running {
  readonly fingerprint: string;
  readonly answer: Promise<StoredAnswer>;
}

/**
 * Runs a write at most once per principal and idempotency key. The same request again gets the
 * first answer, another request with the key is refused; a duplicate that comes while the first
 * still runs waits for it in this process and is told so (409) by another. Refusals (4xx) are
 * answers too; failures (5xx) and rate limits decide nothing and give the key back.
 */
export class IdempotentWrites {
  readonly #store: IdempotencyStore;
  readonly #onUnstored: (error: unknown) => void;
  readonly #running = new Map<string, Running>();

  /**
   * `onUnstored` hears of answers that were given and could not be kept. Their claims lapse, and the
   * retry runs the write again: a write must know its own repetition by the key.
   */
  constructor(store: IdempotencyStore, onUnstored: (error: unknown) => void) {
    this.#store = store;
    this.#onUnstored = onUnstored;
  }

  /** A fastify handler around the write. */
  handler(write: WriteHandler): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
    return async (request, reply) => {
      const key = idempotencyKeyOf(request);
      if (key === undefined) {
        const { status, body } = await write(request, undefined);
        return reply.code(status).send(body);
      }
      const answer = await this.#once(request, key, write);
      return reply
        .code(answer.status)
        .header('content-type', answer.contentType)
        .serializer(String)
        .send(answer.body);
    };
  }

  #once(request: FastifyRequest, key: string, write: WriteHandler): Promise<StoredAnswer> {
    const scope = request.principal.keyId;
    const fingerprint = fingerprintOf(request);
    const place = `${scope} ${key}`;
    const running = this.#running.get(place);
    if (running !== undefined) {
      return running.fingerprint === fingerprint ? running.answer : Promise.reject(mismatch(key));
    }
    const attempt = this.#attempt(request, { scope, key, fingerprint }, write);
    const answer = attempt.then((made) => made.answer);
    this.#running.set(place, { fingerprint, answer });
    // The client need not wait until its answer is kept, but duplicates find it here until then.
    attempt
      .then((made) => made.kept.catch(this.#onUnstored))
      .catch(() => undefined) // What the attempt failed with goes to those who wait for the answer.
      .finally(() => this.#running.delete(place));
    return answer;
  }

  async #attempt(
    request: FastifyRequest,
    claim: ClaimRequest,
    write: WriteHandler,
  ): Promise<{ readonly answer: StoredAnswer; readonly kept: Promise<void> }> {
    const { scope, key } = claim;
    const claimed = await this.#store.claim(claim);
    switch (claimed.state) {
      case 'answered':
        return { answer: claimed.answer, kept: Promise.resolve() };
      case 'other-request':
        throw mismatch(key);
      case 'in-progress':
        throw new HttpProblem(WEB_ERRORS.IDEMPOTENCY_IN_PROGRESS, {
          headers: { 'retry-after': '1' },
        });
      case 'claimed':
        break;
    }
    let answer: StoredAnswer;
    try {
      answer = stored(await write(request, key));
    } catch (error) {
      if (!isDecided(error)) {
        await this.#store.release(scope, key);
        throw error;
      }
      answer = {
        status: error.entry.status,
        body: JSON.stringify(problemDocument(error, request.id)),
        contentType: PROBLEM_MEDIA_TYPE,
      };
    }
    return { answer, kept: this.#store.answer(scope, key, answer) };
  }
}

function stored({ status, body }: WriteAnswer): StoredAnswer {
  return { status, body: JSON.stringify(body), contentType: JSON_MEDIA_TYPE };
}

function isDecided(error: unknown): error is HttpProblem {
  return error instanceof HttpProblem && error.entry.retry === 'never' && error.entry.status < 500;
}

function mismatch(key: string): HttpProblem {
  return new HttpProblem(WEB_ERRORS.IDEMPOTENCY_MISMATCH, {
    errors: [{ path: 'header.idempotency-key', expected: 'a key not used before', received: key }],
  });
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY_PATTERN.test(key)) return key;
  throw new HttpProblem(WEB_ERRORS.IDEMPOTENCY_KEY_INVALID, {
    errors: [
      {
        path: 'header.idempotency-key',
        expected: '1 to 128 printable ASCII characters without space',
        received: String(key).slice(0, 128),
      },
    ],
  });
}

function fingerprintOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0];
  return hash('sha256', `${request.method} ${path}\n${canonical(request.body)}`, 'hex');
}

/** JSON with sorted names, so that the order of fields makes no other request. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_name, node: unknown) =>
      typeof node === 'object' && node !== null && !Array.isArray(node)
        ? Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)))
        : node,
    ) ?? ''
  );
}
