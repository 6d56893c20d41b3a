import { type CatalogueEntry, CerberusError, type Fault } from '@cerberus/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WEB_ERRORS } from './errors.ts';

/** One thing wrong with a request: where, what was expected there, and what came. */
export interface FieldError {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}

export interface ProblemDetail {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the document, such as the decision that blocked an order. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
/** Names a problem type; it resolves to nothing, `code` and /docs say the rest. */
const TYPE_PREFIX = 'urn:cerberus:problem:';

/** A refusal on its way to the client as an RFC 9457 document. */
export class HttpProblem extends Error {
  readonly entry: CatalogueEntry;
  readonly statusCode: number;
  readonly problem: ProblemDetail;

  constructor(entry: CatalogueEntry, problem: ProblemDetail = {}, options?: ErrorOptions) {
    super(problem.detail ?? entry.title, options);
    this.name = 'HttpProblem';
    this.entry = entry;
    this.statusCode = entry.status;
    this.problem = problem;
  }
}

/** Status and title of every code that may reach a client, from the catalogues of the libraries. */
export class ProblemCatalogue {
  readonly #byCode = new Map<string, CatalogueEntry>();

  constructor(...catalogues: readonly Readonly<Record<string, CatalogueEntry>>[]) {
    for (const catalogue of [WEB_ERRORS, ...catalogues]) {
      for (const entry of Object.values(catalogue)) this.#byCode.set(entry.code, entry);
    }
  }

  /** A fault's code decides its status; one whose catalogue is not listed is the server's error. */
  entryOf(code: string): CatalogueEntry {
    return this.#byCode.get(code) ?? WEB_ERRORS.INTERNAL;
  }

  problemOf(fault: Fault, path = fault.path): HttpProblem {
    const entry = this.entryOf(fault.code);
    return new HttpProblem(entry, { detail: fault.message, errors: fieldErrors(fault, path) });
  }
}

function fieldErrors(fault: Fault, path: string | undefined): FieldError[] {
  if (path === undefined) return [];
  return [{ path, expected: fault.expected ?? fault.message, received: fault.received ?? '' }];
}

/** What fastify itself refuses, by its own codes. */
const FASTIFY_PROBLEMS: Readonly<Record<string, CatalogueEntry>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: WEB_ERRORS.BODY_TOO_LARGE,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: WEB_ERRORS.MEDIA_TYPE,
  FST_ERR_CTP_EMPTY_JSON_BODY: WEB_ERRORS.BODY_MALFORMED,
  FST_ERR_CTP_INVALID_JSON_BODY: WEB_ERRORS.BODY_MALFORMED,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: WEB_ERRORS.REQUEST_MALFORMED,
  FST_ERR_HANDLER_TIMEOUT: WEB_ERRORS.TIMEOUT,
};

function asProblem(
  error: unknown,
  catalogue: ProblemCatalogue,
  request: FastifyRequest,
): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CerberusError) return catalogue.problemOf(error.fault);
  const { code, statusCode, message } = error as Partial<FastifyError>;
  const entry = FASTIFY_PROBLEMS[code ?? ''];
  if (entry === WEB_ERRORS.BODY_TOO_LARGE) {
    const detail = `The body may have at most ${request.routeOptions.bodyLimit} bytes.`;
    return new HttpProblem(entry, { detail });
  }
  if (entry !== undefined) return new HttpProblem(entry, { detail: message ?? entry.title });
  if (error instanceof SyntaxError) {
    // The prototype-poisoning guard of fastify's JSON parser throws without a code of its own.
    return new HttpProblem(WEB_ERRORS.BODY_MALFORMED, { detail: error.message });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpProblem(WEB_ERRORS.REQUEST_MALFORMED, { detail: message ?? 'Bad request' });
  }
  // What went wrong inside is for the log, not for the client.
  return new HttpProblem(
    WEB_ERRORS.INTERNAL,
    { detail: 'The request could not be completed; its id names it in the log.' },
    { cause: error },
  );
}

export function problemDocument(problem: HttpProblem, requestId: string): Record<string, unknown> {
  const { entry } = problem;
  const { errors, members } = problem.problem;
  return {
    type: `${TYPE_PREFIX}${entry.code}`,
    title: entry.title,
    status: entry.status,
    detail: problem.message,
    code: entry.code,
    request_id: requestId,
    ...(errors !== undefined && errors.length > 0 ? { errors } : {}),
    ...members,
  };
}

export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  if (problem.problem.headers !== undefined) reply.headers(problem.problem.headers);
  if (problem.entry === WEB_ERRORS.KEY_MISSING || problem.entry === WEB_ERRORS.KEY_INVALID) {
    reply.header('www-authenticate', 'ApiKey realm="cerberus"');
  }
  return reply
    .code(problem.entry.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer(JSON.stringify as (payload: unknown) => string)
    .send(problemDocument(problem, reply.request.id));
}

export interface ProblemOptions {
  readonly catalogue: ProblemCatalogue;
  /** Told of every error that is ours and not the client's. */
  readonly onServerError: (error: unknown, request: FastifyRequest) => void;
}

/** Every error and unknown path of this context and below leaves as `application/problem+json`. */
export function installProblems(app: FastifyInstance, options: ProblemOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = asProblem(error, options.catalogue, request);
    if (problem.entry.status >= 500) options.onServerError(problem.cause ?? problem, request);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const detail = `${request.method} ${path.slice(0, 200)} is not a route; see /docs.`;
    return sendProblem(reply, new HttpProblem(WEB_ERRORS.NOT_FOUND, { detail }));
  });
}
